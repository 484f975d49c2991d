/**
 * What the device's watch for drift costs per frame: the thread of the event loop alone, and the whole process. Thumbnails
 * are made beforehand, as the detector's threads do; what the loop does to unpack them is counted. Needs the native part.
 *
 *   node --expose-gc --import tsx test/bench/drift/service-cost.ts
 */
import { readFileSync } from 'node:fs';
import { loadNative } from '../../../native/index.ts';
import { ThreadLearner } from '../../../src/adapters/learning/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { DriftService, type DriftServicePorts } from '../../../src/agent/index.ts';
import { defined, silentLog } from '../../../src/base/index.ts';
import { parseProfile } from '../../../src/drift/index.ts';
import {
  type Frame,
  type PerceptionResult,
  packedThumbnailBytes,
  unpackThumbnail,
} from '../../../src/perception/index.ts';
import type { DriftSettings } from '../../../src/protocol/index.ts';
import { createStreet, streetLabels } from '../../../src/simulation/index.ts';

const width = 640;
const height = 360;
const fps = 30;
const rendered = 240;
const rounds = 30;

const path = 'models/street/profiles/south.json';
const profile = parseProfile(readFileSync(path, 'utf8'), path);
const clock = new SystemClock();
let nowMs = 0;

const street = createStreet({ seed: 23, width, height });
const frames = Array.from({ length: rendered }, (_, i) => {
  const data = new Uint8Array(width * height * 3);
  const { truth } = street.render(i / fps, data);
  const packed = new Uint8Array(packedThumbnailBytes);
  loadNative().thumbnail({ data, width, height, step: width * 3, encoding: 'rgb8' }, packed);
  return { data, truth, packed };
});

function frameOf(index: number): Frame {
  const { data } = frames[index % rendered]!;
  return {
    ...{ camera: 'south', sequence: index, stampNs: BigInt(index) * 33_333_333n, frameId: 'south' },
    ...{ width, height, encoding: 'rgb8', step: width * 3, pixels: { data, release() {} } },
  };
}

function resultOf(index: number, frame: Frame): PerceptionResult {
  const { truth } = frames[index % rendered]!;
  return {
    ...{ camera: 'south', sequence: index, stampNs: frame.stampNs, frameId: 'south', width, height },
    detections: truth.map(({ label, box }, i) => ({
      ...{ classId: streetLabels.indexOf(label), label, score: 0.8, trackId: i + 1 },
      box,
    })),
    ...{ candidates: truth.length * 8, captureToPublishMs: 15 },
    timings: { preprocessMs: 1, inferMs: 5, postprocessMs: 1 },
    identity: {
      ...{ model: 'street', version: '1', digest: profile.modelDigest, engine: 'onnxruntime' },
      ...{ precision: 'fp32', labels: streetLabels, inputWidth: 320, inputHeight: 192 },
    },
  };
}

function ports(): DriftServicePorts {
  return {
    clock: { ...bound(clock), monotonicMs: () => nowMs },
    log: silentLog,
    random: Math.random,
    profiles: {
      load: async () => ({ profile: { ...profile, framesPerSecond: fps }, digest: profile.modelDigest }),
      save: async (_, learned) => learned,
      followed: async () => new Map(),
      follow: async () => {},
    },
    newLearner: (options) => new ThreadLearner(options),
    frames: {
      open: async () => [],
      write: async () => {},
      meta: () => Promise.reject(new Error('none')),
      piece: () => Promise.reject(new Error('none')),
      remove: async () => {},
    },
    encode: async () => new Uint8Array(1),
    reportEvent: () => {},
    threshold: () => 0.25,
  };
}

function bound({ wallMs, wallNs, after, every }: SystemClock) {
  return {
    wallMs: wallMs.bind(clock),
    wallNs: wallNs.bind(clock),
    after: after.bind(clock),
    every: every.bind(clock),
  };
}

/** Milliseconds that the thread of the event loop was on a core: what others took from it does not count. */
function loopCpuMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function quantile(values: Float64Array, q: number): string {
  return (values.sort()[Math.floor(q * (values.length - 1))] ?? Number.NaN).toFixed(3);
}

async function measure(what: string, settings: DriftSettings, published = true): Promise<void> {
  nowMs = 0;
  const service = await DriftService.start(
    { cameras: { south: settings }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
    ports(),
  );
  const times = new Float64Array(rendered * rounds);
  let loopBefore = 0;
  let cpuBefore = process.cpuUsage();
  for (let index = -2 * rendered; index < times.length; index++) {
    const frame = frameOf(index + 2 * rendered);
    const result = resultOf(index + 2 * rendered, frame);
    nowMs += 1000 / fps;
    const begin = performance.now();
    if (published) {
      // A buffer of its own for every frame, as the native detector has.
      const thumbnail = unpackThumbnail(Uint8Array.from(frames[(index + 2 * rendered) % rendered]!.packed));
      service.publish({ ...result, ...defined({ thumbnail }) }, frame);
    }
    const took = performance.now() - begin;
    // The profile is loaded between two frames; the learner's thread needs its turns too.
    if (index % 30 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (index < 0) {
      cpuBefore = process.cpuUsage();
      loopBefore = loopCpuMs();
      continue;
    }
    times[index] = took;
  }
  const loopMs = loopCpuMs() - loopBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  const state = service.statuses().south?.state;
  await service.close();
  console.log(
    `${what} (${state}): CPU per frame ${(loopMs / times.length).toFixed(3)} ms of the event loop's thread, ${((user + system) / 1000 / times.length).toFixed(3)} ms of the process; by the clock median ${quantile(times, 0.5)}, p99 ${quantile(times, 0.99)} ms`,
  );
}

await measure('the harness alone', {}, false);
await measure('watching', {});
await measure('watching', {});
await measure('watching, hard frames kept', { frames: { keep: true } });
await measure('watching and learning', { learn: { order: 'a', hours: 100 } });
