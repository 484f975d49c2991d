import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from '../../base/index.ts';
import { attempt, fails, type Trial, works } from './trial.ts';

const bytes = 32 << 20;
const blockBytes = 1 << 20;
const syncs = 20;
/** The outbox syncs about once in ten seconds, a deployment at each step: slower than this is felt. */
const slowSyncMs = 500;
const leastFreeBytes = 1e9;

/** Writes into the folder where the agent would keep its state, and takes it away again. */
export async function tryDisk(folder: string): Promise<readonly Trial[]> {
  return [
    ...(await attempt('disk', 'room', () => room(folder))),
    ...(await attempt('disk', 'speed', () => speed(folder))),
  ];
}

async function room(folder: string): Promise<Trial> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const words = `${(free / 1e9).toFixed(1)} GB free`;
  return free >= leastFreeBytes
    ? works('disk', 'room', words, { freeBytes: free })
    : fails('disk', 'room', words, 'Make room: models and engines need about 1 GB.', { freeBytes: free });
}

async function speed(folder: string): Promise<Trial> {
  const path = join(folder, 'selftest.bin');
  const block = Buffer.alloc(blockBytes, 0xa5);
  const file = await open(path, 'w');
  const timesMs: number[] = [];
  let megabytesPerSecond: number;
  try {
    const beganMs = performance.now();
    for (let done = 0; done < bytes; done += blockBytes) await file.write(block);
    await file.sync();
    megabytesPerSecond = bytes / 1e6 / ((performance.now() - beganMs) / 1000);
    for (let round = 0; round < syncs; round += 1) {
      const onceMs = performance.now();
      await file.write(block, 0, 4096, 0);
      await file.datasync();
      timesMs.push(performance.now() - onceMs);
    }
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
  const syncP95Ms = percentile(timesMs, 0.95);
  const figures = { megabytesPerSecond, syncP95Ms };
  const words = `${megabytesPerSecond.toFixed(0)} MB/s to the disk, a small write is safe after ${syncP95Ms.toFixed(1)} ms (p95)`;
  return syncP95Ms < slowSyncMs
    ? works('disk', 'speed', words, figures)
    : fails(
        'disk',
        'speed',
        words,
        'Take another card or an NVMe disk: this one holds everything up.',
        figures,
      );
}
