import type { Command } from 'commander';
import type { ClipList } from '../../api/index.ts';
import { counted, defined } from '../../base/index.ts';
import { clipPages, fetchClip, recordClip } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseNumber } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { askDevice, type DeviceWaitOptions, withDeviceWait } from './device-wait.ts';

/** Clips are stored on devices until they are requested, through the controller. */
export function clipCommands(program: Command): void {
  const clips = program
    .command('clip')
    .description('work with clips: MP4 files of what cameras showed before and after an event')
    .addHelpText(
      'after',
      examples(
        'clip list truck-7 --camera front',
        'clip record truck-7 --camera front --before 10 --after 5',
        'clip fetch truck-7 00mfy2k1p0-0 --out clip.mp4',
      ),
    );
  addList(clips);
  addRecord(clips);
  addFetch(clips);
}

function addList(clips: Command): void {
  interface Options extends Target {
    readonly camera?: string;
    readonly after?: string;
    readonly limit: number;
  }
  finish<Options>(
    fleetCommand(clips, 'list', 'list the clips that a device stores, oldest first')
      .argument('<device>', 'id of the device')
      .option('--camera <name>', 'only of this camera')
      .option('--after <id>', 'only clips after this one')
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText('after', examples('clip list truck-7 --camera front')),
    async ({ output }, options, [device = '']) => {
      let shown = 0;
      let last: Pick<ClipList, 'more' | 'total'> = { more: false, total: { count: 0, bytes: 0 } };
      for await (const page of clipPages(connect(options), device, options)) {
        printClips(output, page);
        shown += page.clips.length;
        last = page;
      }
      const { more, total } = last;
      output.value({ type: 'summary', shown, more, total });
      output.line(
        `${shown} of ${counted(total.count, 'clip')}, ${output.words({ bytes: total.bytes })} on the device.`,
      );
      return undefined;
    },
  );
}

function printClips(output: Output, { clips }: ClipList): void {
  for (const clip of clips) output.value({ type: 'clip', ...clip });
  output.table(
    ['clip', 'camera', 'time', 'length', 'for', 'size', 'picture', 'hidden'],
    clips.map((clip) => [
      clip.id,
      clip.camera,
      { timeMs: clip.timeMs },
      { durationMs: clip.durationMs },
      clip.reasons.join(', '),
      { bytes: clip.bytes },
      `${clip.width}x${clip.height} ${clip.codec}`,
      clip.blurred ? 'yes' : '-',
    ]),
    'No clips.',
  );
}

function addRecord(clips: Command): void {
  interface Options extends Target {
    readonly camera: string;
    readonly before?: number;
    readonly after?: number;
  }
  finish<Options>(
    fleetCommand(clips, 'record', 'record a clip on a device now')
      .argument('<device>', 'id of the device')
      .requiredOption('--camera <name>', 'camera that records')
      .option(
        '--before <seconds>',
        'time before now (default: the setting of the camera)',
        parseNumber(0, 300),
      )
      .option('--after <seconds>', 'time after now (default: the setting of the camera)', parseNumber(0, 300))
      .addHelpText('after', examples('clip record truck-7 --camera front --before 10 --after 5')),
    async ({ output }, options, [device = '']) => {
      const { camera, before, after } = options;
      const clip = await recordClip(connect(options), device, { camera, ...defined({ before, after }) });
      output.value(clip);
      output.line(`The device records the clip ${clip.id}; clip list shows it as soon as it is written.`);
      return undefined;
    },
  );
}

function addFetch(clips: Command): void {
  interface Options extends DeviceWaitOptions {
    readonly out: string;
  }
  finish<Options>(
    withDeviceWait(
      fleetCommand(
        clips,
        'fetch',
        'download the MP4 of one clip; run the command again to continue a download that was cut',
      ),
    )
      .argument('<device>', 'id of the device')
      .argument('<clip>', 'id of the clip')
      .requiredOption('--out <file>', 'the MP4 to write')
      .addHelpText(
        'after',
        examples(
          'clip fetch truck-7 00mfy2k1p0-0 --out clip.mp4',
          'clip fetch truck-7 00mfy2k1p0-0 --out clip.mp4 --wait --timeout 8h',
        ),
      ),
    async (context, options, [device = '', clip = '']) => {
      const { output } = context;
      const { resumedFrom } = await askDevice(context, options, device, (client) =>
        fetchClip(client, device, clip, options.out),
      );
      output.value({ ok: true, file: options.out, resumedFrom });
      output.line(`Written to ${options.out}.`);
      return undefined;
    },
  );
}
