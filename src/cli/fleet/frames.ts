import { type Command, Option } from 'commander';
import { type DatasetForm, datasetFormNames, type FrameList } from '../../api/index.ts';
import { counted, defined } from '../../base/index.ts';
import { exportFrames, fetchFrame, framePages, keepFrames } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseNumber } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { askDevice, type DeviceWaitOptions, withDeviceWait } from './device-wait.ts';
import { type OwnerOptions, showTarget, withOwner } from './owner.ts';
import { sentTo } from './sent-to.ts';

const reasons = ['alarm', 'low-margin', 'random'] as const;
const reviews = ['accepted', 'not-rejected'] as const;

/** Hard frames are stored on devices until they are requested, through the controller. */
export function frameCommands(program: Command): void {
  const frames = program
    .command('frame')
    .description('pictures that devices keep because they are hard, for labelling and training')
    .addHelpText(
      'after',
      examples(
        'frame keep --group canary',
        'frame list truck-7',
        'frame fetch truck-7 00mfy2k1p0-0 --out frame.jpg',
        'frame export truck-7 --reason alarm --out frames.tar',
      ),
    );
  addList(frames);
  addFetch(frames);
  addExport(frames);
  addKeep(frames);
}

function addList(frames: Command): void {
  interface Options extends Target {
    readonly camera?: string;
    readonly after?: string;
    readonly limit: number;
  }
  finish<Options>(
    fleetCommand(frames, 'list', 'list the frames that a device stores, oldest first')
      .argument('<device>', 'id of the device')
      .option('--camera <name>', 'only of this camera')
      .option('--after <id>', 'only frames after this one')
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText('after', examples('frame list truck-7')),
    async ({ output }, options, [device = '']) => {
      let shown = 0;
      let last: Pick<FrameList, 'more' | 'total'> = { more: false, total: { count: 0, bytes: 0 } };
      for await (const page of framePages(connect(options), device, options)) {
        printFrames(output, page);
        shown += page.frames.length;
        last = page;
      }
      const { more, total } = last;
      output.value({ type: 'summary', shown, more, total });
      output.line(
        `${shown} of ${counted(total.count, 'frame')}, ${output.words({ bytes: total.bytes })} on the device.`,
      );
      return undefined;
    },
  );
}

function printFrames(output: Output, { frames }: FrameList): void {
  for (const frame of frames) output.value({ type: 'frame', ...frame });
  output.table(
    ['frame', 'camera', 'time', 'reason', 'size', 'objects', 'hidden'],
    frames.map((frame) => [
      frame.id,
      frame.camera,
      { timeMs: frame.timeMs },
      frame.reason,
      { bytes: frame.bytes },
      frame.detections.length,
      frame.blurred.join(', ') || '-',
    ]),
    'No frames. Let the device keep hard frames: goshawk frame keep --device NAME',
  );
}

function addFetch(frames: Command): void {
  interface Options extends DeviceWaitOptions {
    readonly out: string;
  }
  finish<Options>(
    withDeviceWait(fleetCommand(frames, 'fetch', 'the picture of one frame'))
      .argument('<device>', 'id of the device')
      .argument('<frame>', 'id of the frame')
      .requiredOption('--out <file>', 'the JPEG to write')
      .addHelpText('after', examples('frame fetch truck-7 00mfy2k1p0-0 --out frame.jpg')),
    async (context, options, [device = '', frame = '']) => {
      const { output } = context;
      await askDevice(context, options, device, (client) => fetchFrame(client, device, frame, options.out));
      output.value({ ok: true, file: options.out });
      output.line(`Written to ${options.out}.`);
      return undefined;
    },
  );
}

function addExport(frames: Command): void {
  interface Options extends DeviceWaitOptions {
    readonly camera?: string;
    readonly reason?: (typeof reasons)[number];
    readonly review?: (typeof reviews)[number];
    readonly max?: number;
    readonly form: DatasetForm;
    readonly out: string;
  }
  finish<Options>(
    withDeviceWait(
      fleetCommand(
        frames,
        'export',
        'a data set of images and annotations as a tar file, for COCO, CVAT, Label Studio or FiftyOne',
      ),
    )
      .argument('<device>', 'id of the device')
      .option('--camera <name>', 'only of this camera')
      .addOption(new Option('--reason <why>', 'only frames kept for this reason').choices(reasons))
      .addOption(
        new Option('--review <verdict>', 'only frames that a person accepted, or did not reject').choices(
          reviews,
        ),
      )
      .option('--max <n>', 'frames at most', parseCount())
      .addOption(
        new Option('--form <tool>', 'for which tool').choices(datasetFormNames).default('coco' as const),
      )
      .requiredOption('--out <file>', 'the tar file to write; whole or not at all')
      .addHelpText(
        'after',
        "\nThe boxes are the model's own and not the truth: correct them before you train with them.",
      )
      .addHelpText(
        'after',
        examples(
          'frame export truck-7 --reason alarm --out frames.tar',
          'frame export truck-7 --review accepted --form cvat --out for-cvat.tar',
        ),
      ),
    async (context, options, [device = '']) => {
      const { output } = context;
      await askDevice(context, options, device, (client) =>
        exportFrames(client, device, options, options.out),
      );
      output.value({ ok: true, file: options.out });
      output.line(`Written to ${options.out}.`);
      return undefined;
    },
  );
}

function addKeep(frames: Command): void {
  interface Options extends OwnerOptions {
    readonly camera: string;
    readonly stop?: boolean;
    readonly mbPerDay?: number;
    readonly maxMb?: number;
    readonly days?: number;
    readonly randomPerDay?: number;
    readonly margin?: number;
    readonly blur: boolean;
  }
  finish<Options>(
    withOwner(fleetCommand(frames, 'keep', 'let devices keep hard frames, or let them stop'))
      .option('--camera <name>', 'camera, or * for all', '*')
      .option('--stop', 'store no more frames; stored ones stay until they are too old')
      .option('--mb-per-day <n>', 'megabytes a day of one camera (default: 20)', parseNumber(0.1, 1e6))
      .option('--max-mb <n>', 'room of one camera; then the oldest go (default 200)', parseNumber(1, 1e6))
      .option('--days <n>', 'older frames go (default 30)', parseNumber(0.01, 3650))
      .option('--random-per-day <n>', 'a random sample (default 50)', parseCount(0))
      .option('--margin <n>', 'a score so near to the threshold is hard (default 0.05)', parseNumber(0, 0.5))
      .option('--no-blur', 'leave persons, faces and plates as they are')
      .addHelpText('after', examples('frame keep --group canary --mb-per-day 50')),
    async ({ output }, options) => {
      const { camera, mbPerDay, maxMb, days, randomPerDay, margin } = options;
      const wanted = {
        keep: options.stop !== true,
        blur: options.blur,
        ...(mbPerDay === undefined ? {} : { bytesPerDay: Math.round(mbPerDay * 1e6) }),
        ...(maxMb === undefined ? {} : { maxBytes: Math.round(maxMb * 1e6) }),
        ...defined({ days, randomPerDay, margin }),
      };
      if (await showTarget(output, options)) return undefined;
      const answer = await keepFrames(connect(options), options, camera, wanted);
      output.value(answer);
      output.line(sentTo(answer));
      return undefined;
    },
  );
}
