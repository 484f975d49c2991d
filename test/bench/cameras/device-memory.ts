/*
 * What a picture costs that stays where it was decoded, beside one that is copied: processor time of the whole process per 1080p
 * nv12 picture of GStreamer's test source, and how long the letterbox to 640x640 reads it, in turns.
 *
 *     npm run bench -- device-memory [-- rounds] [pictures]
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPipeline } from '../../../device/gstreamer/index.ts';
import { loadGstreamer, loadNative, pluginPath } from '../../../native/index.ts';
import { memoryBits } from '../../../src/perception/index.ts';
import { headOf } from '../../fixtures/head.ts';

const [rounds = 9, pictures = 200] = process.argv.slice(2).map(Number);
const [width, height] = [1920, 1080];
const text = `videotestsrc pattern=black num-buffers=${pictures} ! video/x-raw,format=NV12,width=${width},height=${height}`;

const native = loadNative();
const model = join(tmpdir(), `goshawk-bench-${process.pid}.txt`);
writeFileSync(
  model,
  'goshawk-reference 1\nboard any\ninput images float32 1 3 640 640\noutput output float32 1 4 7\nend\n',
);
const engine = await native.openEngine({
  ...{ plugin: pluginPath('reference') ?? '', deviceOptions: {}, model, engineOptions: {} },
});
const detector = await native.createDetector(engine, {
  input: {
    ...{ tensor: 'images', width: 640, height: 640, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
    ...{ scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], fit: 'center', pad: 114 },
  },
  ...{ head: headOf('yolov5', 2), classCount: 2, slots: 1, queue: 4, timeoutMs: 0 },
  ...{ closeTimeoutMs: 5000, devicePreprocess: false, warmUp: true },
});
const settings = {
  ...{ scoreThreshold: 0.5, iouThreshold: 0.5, maxDetections: 10, maxCandidates: 100, multiLabel: false },
};
const noBytes = new Uint8Array(0);

/** Milliseconds of processor per picture, and the median of the letterbox where pictures are looked at. */
async function play(inPlace: boolean, looks: boolean): Promise<{ cpuMs: number; letterboxMs: number }> {
  const memories = inPlace ? (['memfd'] as const) : [];
  const read: number[] = [];
  const before = process.cpuUsage();
  await new Promise<void>((done, failed) => {
    let busy = false;
    const { launches, properties } = ownPipeline(text, memories);
    const options = { launches, properties, keyFramesOnly: false, maxPixels: 1e8 };
    const pipeline = new (loadGstreamer().GstPipeline)(
      { ...options, deviceMemories: memoryBits(memories) },
      () => void take().catch(failed),
    );
    const take = async (): Promise<void> => {
      const taken = pipeline.take();
      const picture = taken?.picture;
      if (picture !== undefined && looks && !busy) {
        busy = true;
        if ((picture.device !== undefined) !== inPlace) throw new Error('it lies elsewhere');
        const image = {
          data: picture.bytes ?? noBytes,
          device: picture.device,
          width,
          height,
          step: picture.step,
        };
        const { result } = native.detect(detector, { ...image, encoding: 'nv12' }, settings);
        read.push((await result).preprocessMs);
        busy = false;
      }
      if (picture !== undefined) pipeline.release(picture.id);
      for (const { kind, text: words } of taken?.events ?? []) {
        if (kind === 'error') failed(new Error(words));
        if (kind === 'ended') pipeline.stop();
        if (kind === 'closed') {
          pipeline.close();
          done();
        }
      }
    };
  });
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 / pictures, letterboxMs: median(read) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

for (const looks of [false, true]) {
  const [there, copied]: [number[], number[]] = [[], []];
  const [thereRead, copiedRead]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const one = await play(true, looks);
    const other = await play(false, looks);
    // The first is warm-up.
    if (round === 0) continue;
    there.push(one.cpuMs);
    copied.push(other.cpuMs);
    thereRead.push(one.letterboxMs);
    copiedRead.push(other.letterboxMs);
  }
  const saved = copied.map((ms, i) => ms - (there[i] ?? Number.NaN));
  const said = `${median(there).toFixed(3)} ms of processor per picture where it is, ${median(copied).toFixed(3)} copied, saved ${median(saved).toFixed(3)} (${Math.min(...saved).toFixed(3)} to ${Math.max(...saved).toFixed(3)})`;
  const reads = looks
    ? `; letterbox ${median(thereRead).toFixed(3)} and ${median(copiedRead).toFixed(3)} ms`
    : '';
  process.stdout.write(`${looks ? 'looked at' : 'taken alone'}: ${said}${reads}\n`);
}
native.closeEngine(engine);
await native.closeDetector(detector);
