import { DriftMonitor, type ReferenceProfile } from '../../../src/drift/index.ts';
import { thumbnail } from '../../../src/perception/index.ts';
import { resultOf, startOf } from './replay.ts';
import type { TraceFrame } from './trace.ts';

function quantile(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(q * sorted.length)] ?? Number.NaN).toFixed(3);
}

/** Milliseconds per frame at 30 frames/s on this thread, and memory per camera. */
export async function measureCost(
  profile: ReferenceProfile,
  frames: readonly TraceFrame[],
): Promise<string[]> {
  const lines: string[] = [];
  const pixels = new Uint8Array(640 * 360 * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 2654435761) >>> 24;
  const image = { data: pixels, width: 640, height: 360, step: 1920, encoding: 'rgb8' } as const;
  const making: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const begin = performance.now();
    thumbnail(image);
    if (i >= 300) making.push(performance.now() - begin);
  }
  lines.push(
    `thumbnail of 640x360 rgb8: median ${quantile(making, 0.5)} ms, p99 ${quantile(making, 0.99)} ms`,
  );
  const monitor = new DriftMonitor({ ...profile, framesPerSecond: 30 });
  const watching: number[] = [];
  let atMs = 0;
  for (let i = 0; i < 6000; i++) {
    const frame = frames[Math.floor(i / 6) % frames.length]!;
    const result = resultOf(frame, startOf.day, i);
    atMs += 1000 / 30;
    const begin = performance.now();
    monitor.observe({ ...frame.thumbnail, hash: i }, result, atMs);
    if (i >= 600) watching.push(performance.now() - begin);
  }
  const mean = watching.reduce((sum, value) => sum + value, 0) / watching.length;
  lines.push(
    `observe at 30 frames/s: mean ${mean.toFixed(3)} ms, median ${quantile(watching, 0.5)} ms, p99 ${quantile(watching, 0.99)} ms, longest ${quantile(watching, 0.99999)} ms`,
  );
  const before = await memory();
  const many = Array.from({ length: 40 }, () => {
    const one = new DriftMonitor(profile);
    for (let i = 0; i < 60; i++)
      one.observe(frames[i]!.thumbnail, resultOf(frames[i]!, startOf.day, i), i * 200);
    return one;
  });
  lines.push(
    `memory per camera: ${(((await memory()) - before) / many.length / 1000).toFixed(0)} kB (40 monitors on one profile)`,
  );
  return lines;
}

/** Array buffers are given back in the background, so what is garbage now needs a moment to be gone. */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
