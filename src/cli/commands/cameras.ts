import type { Command } from 'commander';
import { listMachineCameras } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { addFleetCameras } from '../fleet/cameras.ts';

export function cameraCommands(program: Command): void {
  const camera = program
    .command('camera')
    .description('cameras of this machine, and those that you add to devices of the fleet');
  const command = camera
    .command('list')
    .description('list the cameras of this machine with their formats, sizes, rates and controls')
    .addHelpText(
      'after',
      examples(
        'camera list',
        "camera list --json | jq -r '.cameras[].source'",
        'run --model bundle/ --source v4l2:/dev/video0',
      ),
    );
  finish(command, async ({ output }) => {
    const list = await listMachineCameras();
    output.value(list);
    if (list.cameras.length === 0)
      output.line('No video device. Network cameras need none: see docs/cameras.md.');
    for (const { source, name, formats, controls, problem } of list.cameras) {
      output.line(`${source}: ${problem ?? name}`);
      for (const { format, readable, sizes } of formats) {
        const note = readable ? '' : ' (not read here)';
        output.line(`  ${format}${note}: ${sizes.join('; ') || 'any size'}`);
      }
      if (controls.length > 0) output.line(`  controls: ${controls.join(', ')}`);
    }
    if (list.memories.length > 0)
      output.line('Pictures of rtsp://, csi: and gst: can stay where the decoder put them (memory: device):');
    for (const { memory, problem } of list.memories)
      output.line(`  ${memory}: ${problem === undefined ? 'yes' : `no: ${problem}`}`);
    return undefined;
  });
  addFleetCameras(camera);
}
