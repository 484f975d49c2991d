import { DriftMonitor, type ReferenceProfile } from '../../../src/drift/index.ts';
import { resultOf, startOf } from './replay.ts';
import type { TraceFrame } from './trace.ts';

/** Memory per camera; `service-cost.ts` measures the time. */
export async function measureMemory(
  profile: ReferenceProfile,
  frames: readonly TraceFrame[],
): Promise<string> {
  const before = await memory();
  const many = Array.from({ length: 40 }, () => {
    const one = new DriftMonitor(profile);
    for (let i = 0; i < 60; i++)
      one.observe(frames[i]!.thumbnail, resultOf(frames[i]!, startOf.day, i), i * 200);
    return one;
  });
  return `memory per camera: ${(((await memory()) - before) / many.length / 1000).toFixed(0)} kB (40 monitors on one profile)`;
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
