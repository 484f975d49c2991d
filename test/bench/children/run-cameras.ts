/*
 * A process that does nothing but run a pipeline: cameras of given pictures, one detector, a tracker. Started by the
 * bench with one argument of JSON (`CamerasAsk`), after compilation, as a device would run it; its last line is JSON.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { type FrameReceiver, type FrameSource, Pipeline } from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import type { CamerasAnswer, CamerasAsk } from './messages.ts';
import { watchTurns } from './turns.ts';

const ask = JSON.parse(process.argv[2] ?? '{}') as CamerasAsk;
const clock = new SystemClock();

/** Gives the pictures in turn at exact times; the stamp is when a frame was due, however late this process is. */
class PlayedCamera implements FrameSource {
  readonly camera: string;
  offered = 0;
  readonly #pictures: readonly Uint8Array[];
  readonly #phase: number;
  #cancel = () => {};

  constructor(index: number, pictures: readonly Uint8Array[]) {
    this.camera = `camera-${index}`;
    this.#pictures = pictures;
    this.#phase = index / ask.cameras;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const { width, height, fps } = ask;
    const periodMs = 1000 / fps;
    const startMs = clock.monotonicMs() + 50 + this.#phase * periodMs;
    const startNs = clock.wallNs() + BigInt(Math.round((50 + this.#phase * periodMs) * 1e6));
    let sequence = 0;
    const next = () => {
      const due = startMs + sequence * periodMs;
      this.#cancel = clock.after(Math.max(0, due - clock.monotonicMs()), () => {
        const data = this.#pictures[(sequence + Number(this.camera.at(-1))) % this.#pictures.length]!;
        void receiver.frame({
          camera: this.camera,
          sequence,
          stampNs: startNs + BigInt(Math.round(sequence * periodMs * 1e6)),
          frameId: this.camera,
          width,
          height,
          encoding: 'rgb8',
          step: width * 3,
          pixels: { data, release() {} },
        });
        sequence += 1;
        this.offered += 1;
        next();
      });
    };
    next();
  }

  async close(): Promise<void> {
    this.#cancel();
  }
}

/** As real sources do: pixels lie in shared memory. */
function readPictures(): Uint8Array[] {
  const bytes = readFileSync(ask.frames);
  const size = ask.width * ask.height * 3;
  return Array.from({ length: bytes.length / size }, (_, index) => {
    const picture = new Uint8Array(new SharedArrayBuffer(size));
    picture.set(bytes.subarray(index * size, (index + 1) * size));
    return picture;
  });
}

function memoryMb(field: string): number {
  const found = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

const sleep = (seconds: number) => new Promise<void>((resolve) => clock.after(seconds * 1000, resolve));

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

async function main(): Promise<CamerasAnswer> {
  const latencies: number[] = [];
  let boxes = 0;
  let counting = false;
  const cameras: PlayedCamera[] = [];
  let close = async () => {};
  if (ask.cameras > 0) {
    const { detector } = await createDetector(ask.bundle, {
      engine: ask.engine,
      capacity: ask.workers,
      threads: ask.threads,
      log: silentLog,
    });
    const pipeline = new Pipeline({
      detector,
      clock,
      sinks: [
        {
          publish(result) {
            if (!counting) return;
            latencies.push(result.captureToPublishMs);
            boxes += result.detections.length;
          },
        },
      ],
    });
    const pictures = readPictures();
    for (let index = 0; index < ask.cameras; index++) {
      const camera = new PlayedCamera(index, pictures);
      cameras.push(camera);
      await pipeline.add(camera);
    }
    await pipeline.start();
    close = async () => {
      await pipeline.close();
      await detector.close();
    };
  }
  await sleep(ask.warmSeconds);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const offered = () => cameras.reduce((sum, camera) => sum + camera.offered, 0);
  const before = { offered: offered(), cpu: process.cpuUsage(), ms: clock.monotonicMs() };
  counting = true;
  const turns = ask.turns === true ? watchTurns() : undefined;
  loop.enable();
  await sleep(ask.seconds);
  loop.disable();
  const late = turns?.();
  counting = false;
  const cpu = process.cpuUsage(before.cpu);
  const seconds = (clock.monotonicMs() - before.ms) / 1000;
  const sorted = [...latencies].sort((a, b) => a - b);
  const answer: CamerasAnswer = {
    offered: offered() - before.offered,
    frames: latencies.length,
    boxes,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    rssMb: memoryMb('VmRSS'),
    peakMb: memoryMb('VmHWM'),
    loopP50Ms: loop.percentile(50) / 1e6,
    loopP99Ms: loop.percentile(99) / 1e6,
    loopMaxMs: loop.max / 1e6,
    ...(late === undefined ? {} : { turns: late }),
  };
  await close();
  return answer;
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
process.exit(0);
