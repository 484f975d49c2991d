import type { Command } from 'commander';
import { defined } from '../../base/index.ts';
import { discoverNetworkCameras, listMachineCameras, networkCameraStreams } from '../../runtime/index.ts';
import { type CameraLogin, cameraPassword } from '../camera-password.ts';
import { durationOption, examples, finish } from '../command.ts';
import { addFleetCameras } from '../fleet/cameras.ts';

export function cameraCommands(program: Command): void {
  const camera = program
    .command('camera')
    .description('cameras of this machine and its network, and those that you add to devices of the fleet');
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
      output.line('No video device. To find cameras of the network: goshawk camera discover.');
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
  addDiscover(camera);
  addStreams(camera);
  addFleetCameras(camera);
}

function addDiscover(camera: Command): void {
  const command = camera
    .command('discover')
    .description('find the cameras of the network that speak ONVIF')
    .addOption(durationOption('--wait <time>', 'for answers', '5s'))
    .option('--interface <name>', 'network to ask in, for example eth0; default: that of the default route')
    .addHelpText('after', examples('camera discover', 'camera discover --interface eth1 --wait 10s'));
  finish<{ wait: number; interface?: string }>(
    command,
    async ({ output, signal }, { wait, interface: networkInterface }) => {
      output.note(`Waiting ${output.words({ durationMs: wait })} for answers.`);
      const found = await discoverNetworkCameras({ waitMs: wait, ...defined({ networkInterface }) }, signal);
      output.value(found);
      for (const { address, name, hardware, service } of found.cameras) {
        const words = [name, hardware].filter((word) => word !== undefined).join(', ');
        output.line(`${address}  ${words || 'no name'}`);
        if (service === undefined) output.line('  It names no service at its own address.');
        else output.line(`  goshawk camera streams ${service} --username NAME`);
      }
      if (found.cameras.length === 0)
        output.line(
          'No camera answered. Switch ONVIF on in its settings; a camera behind a router has to be named: goshawk camera streams 10.0.0.5.',
        );
      if (found.unreadable > 0) output.line(`Answers that could not be read: ${found.unreadable}.`);
      return undefined;
    },
  );
}

function addStreams(camera: Command): void {
  const command = camera
    .command('streams')
    .description('list the streams of a network camera that speaks ONVIF')
    .argument('<address>', '10.0.0.5, 10.0.0.5:8000, or what camera discover printed')
    .option('--username <name>', 'of the camera; type the password at the prompt')
    .option('--password-file <file>', 'file with the password alone')
    .option('--unverified', 'accept any certificate of the camera')
    .addHelpText(
      'after',
      examples(
        'camera streams 10.0.0.5 --username ann',
        'camera streams 10.0.0.5 --username ann --password-file camera.txt --json',
      ),
    );
  finish<CameraLogin & { unverified?: boolean }>(
    command,
    async ({ output, signal }, options, [address = '']) => {
      const { username, unverified } = options;
      const password = await cameraPassword(options);
      const asked = defined({ username, password, unverified });
      const streams = await networkCameraStreams(address, asked, signal);
      output.value({ streams });
      if (streams.length === 0) output.line('The camera has no stream over RTSP.');
      for (const { source, profile, format, width, height, fps } of streams) {
        output.line(source);
        const size = width === undefined ? undefined : `${width}x${height}`;
        const rate = fps === undefined ? undefined : `${fps} frames/s`;
        output.line(`  ${[profile, format, size, rate].filter((word) => word !== undefined).join(', ')}`);
      }
      return undefined;
    },
  );
}
