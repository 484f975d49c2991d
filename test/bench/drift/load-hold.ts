/**
 * How long the event loop is held while the watch of one camera loads a profile.
 *
 *   node --import tsx test/bench/drift/load-hold.ts
 *
 * A timer looks every millisecond at what the loop's thread has used of a core, by the kernel's account: what other
 * programs take from it does not count. The most between two looks is at least the longest hold: there may be several turns
 * in it. Beside it, the most in as long a time without a load: what the looking itself needs. The clock's account is printed
 * too; it means something on a quiet machine alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FilesystemProfileStore, profilePathIn } from '../../../src/adapters/filesystem/index.ts';
import { unpackProfile } from '../../../src/adapters/learning/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { CameraMonitor } from '../../../src/agent/drift/camera-monitor.ts';
import { silentLog } from '../../../src/base/index.ts';
import { formatProfile, parseProfile } from '../../../src/drift/index.ts';
import { type PerceptionResult, type Thumbnail, thumbnailCells } from '../../../src/perception/index.ts';

const source = 'models/street/profiles/south.json';
const profile = parseProfile(readFileSync(source, 'utf8'), source);
const loads = 12;

const folder = mkdtempSync(join(tmpdir(), 'load-hold-'));
/** A model with many classes makes times of day longer than ours. */
const manyClasses = (share: number) =>
  Object.fromEntries(
    Array.from({ length: 128 }, (_, i) => [`a class with a name of its own ${i}`, share / (i + 1)]),
  );
const texts: [name: string, text: string][] = [1, 24].map((count) => {
  const buckets = Array.from({ length: count }, (_, i) => ({
    ...profile.buckets[0]!,
    ...(count === 1 ? {} : { classes: manyClasses(1e5), classScores: manyClasses(1) }),
    fromHour: (24 / count) * i,
    toHour: (24 / count) * (i + 1),
  }));
  const text = formatProfile({ ...profile, buckets });
  return [`${(text.length / 1000).toFixed(0)} kB, ${count} times of day`, text];
});

function frame(): { thumbnail: Thumbnail; result: PerceptionResult } {
  const grey = Uint8Array.from({ length: thumbnailCells }, (_, i) => (i * 7) % 200);
  return {
    thumbnail: { grey, detail: grey, red: 0.4, green: 0.4, blue: 0.4, chroma: 0.1, hash: 1 },
    result: {
      ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'front', width: 640, height: 360 },
      ...{ detections: [], candidates: 0, captureToPublishMs: 5 },
      timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
      identity: {
        ...{ model: 'street', version: '1', digest: profile.modelDigest, engine: 'onnxruntime' },
        ...{ precision: 'fp32', labels: [], inputWidth: 320, inputHeight: 192 },
      },
    },
  };
}

interface Hold {
  readonly cpuMs: number;
  readonly clockMs: number;
}

/** Of the loop's thread; exact up to when it last slept. */
function loopCpuMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** The most between two looks until `over` says so; the clock's account without the millisecond that was asked for. */
async function longestHold(over: () => boolean): Promise<Hold> {
  let cpuMs = 0;
  let clockMs = 0;
  await new Promise((resolve) => setTimeout(resolve, 1));
  let before = { cpu: loopCpuMs(), clock: performance.now() };
  while (!over()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = { cpu: loopCpuMs(), clock: performance.now() };
    cpuMs = Math.max(cpuMs, now.cpu - before.cpu);
    clockMs = Math.max(clockMs, now.clock - before.clock - 1);
    before = now;
  }
  return { cpuMs, clockMs };
}

async function load(inThread: boolean): Promise<{ hold: Hold; wholeMs: number }> {
  let loaded = false;
  const watch = new CameraMonitor(
    { camera: 'front', utcOffsetHours: 0, followed: undefined },
    {
      clock: new SystemClock(),
      profiles: new FilesystemProfileStore(
        join(folder, 'none'),
        async () => ({ paths: [profilePathIn(folder, 'front')] }),
        silentLog,
        ...(inThread ? [unpackProfile] : []),
      ),
      newLearner: () => {
        throw new Error('nothing is learned');
      },
      reportEvent: ({ message }) => console.error(message),
      onChange: () => {
        loaded = watch?.status().profile !== undefined;
      },
      onAlarm: () => undefined,
    },
  );
  const { thumbnail, result } = frame();
  const begin = performance.now();
  // Frames go on: the first of them asks for the profile, the last ones meet it.
  let after = 0;
  const hold = await longestHold(() => {
    watch.observe(thumbnail, result, performance.now());
    return loaded && after++ > 50;
  });
  const wholeMs = performance.now() - begin;
  watch.close();
  return { hold, wholeMs };
}

// The first thread of a process takes four milliseconds to start; an agent has started its outbox's by then.
await new Worker('', { eval: true, execArgv: [] }).terminate();

const list = (holds: readonly Hold[], what: keyof Hold) => {
  const values = holds.map((hold) => hold[what]).sort((a, b) => a - b);
  return `${values[values.length >> 1]?.toFixed(2)} (most ${values.at(-1)?.toFixed(2)})`;
};
try {
  for (const [name, text] of texts) {
    mkdirSync(join(folder, 'profiles'), { recursive: true });
    writeFileSync(profilePathIn(folder, 'front'), text);
    for (const inThread of [true, false]) {
      const holds: Hold[] = [];
      const quiet: Hold[] = [];
      for (let i = 0; i < loads; i++) {
        const { hold, wholeMs } = await load(inThread);
        const until = performance.now() + wholeMs;
        quiet.push(await longestHold(() => performance.now() > until));
        if (i === 0) console.log(`${name}: the first load ${hold.cpuMs.toFixed(2)} ms`);
        else holds.push(hold);
      }
      console.log(
        `${name}, ${inThread ? 'in a thread' : 'on the loop'}: longest hold, median of ${holds.length} loads, ${list(holds, 'cpuMs')} ms of CPU, without a load ${list(quiet, 'cpuMs')}; by the clock ${list(holds, 'clockMs')} ms, without a load ${list(quiet, 'clockMs')}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
