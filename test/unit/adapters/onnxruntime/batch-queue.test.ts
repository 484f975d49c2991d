import { describe, expect, it } from 'vitest';
import { BatchQueue } from '../../../../src/adapters/onnxruntime/batch-queue.ts';

/** Runs end when the test says so. */
function queue(parallel: number, most: number, waitMs: number) {
  const runs: { readonly place: number; readonly jobs: readonly number[]; end(error?: Error): void }[] = [];
  const batches = new BatchQueue<number, string | Error>(
    { parallel, most, waitMs },
    (place, jobs) =>
      new Promise((resolve, reject) => {
        runs.push({
          place,
          jobs,
          end: (error) =>
            error === undefined
              ? resolve(jobs.map((job) => (job < 0 ? new Error(`job ${job}`) : `${job}`)))
              : reject(error),
        });
      }),
  );
  return { batches, runs };
}

const never = 2 ** 30;

describe('A queue of runs', () => {
  it('begins a run when it is full, and keeps the order', async () => {
    const { batches, runs } = queue(1, 3, never);
    const answers = [1, 2, 3, 4].map((job) => batches.add(job));
    expect(runs.map(({ jobs }) => jobs)).toEqual([[1, 2, 3]]);
    runs[0]?.end();
    expect(await Promise.all(answers.slice(0, 3))).toEqual(['1', '2', '3']);
    // The fourth waits for others.
    expect(runs).toHaveLength(1);
    void batches.add(5);
    void batches.add(6);
    expect(runs[1]?.jobs).toEqual([4, 5, 6]);
  });

  it('begins one that is not full when its first job has waited long enough', async () => {
    const { batches, runs } = queue(1, 4, 1);
    const answer = batches.add(7);
    await expect.poll(() => runs.length).toBe(1);
    runs[0]?.end();
    expect(await answer).toBe('7');
  });

  it('with one job per run starts at once, with as many runs as places', () => {
    const { batches, runs } = queue(2, 1, never);
    for (const job of [1, 2, 3]) void batches.add(job);
    expect(runs.map(({ place, jobs }) => [place, ...jobs])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('gives a job that failed its own error, and all of a run that failed the same', async () => {
    const { batches, runs } = queue(1, 2, never);
    const some = [1, -2].map((job) => batches.add(job));
    runs[0]?.end();
    expect(await some[0]).toBe('1');
    await expect(some[1]).rejects.toThrow('job -2');
    const more = [3, 4].map((job) => batches.add(job));
    const outcome = Promise.allSettled(more);
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.end(new Error('crashed'));
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    // The place is free again.
    void batches.add(5);
    void batches.add(6);
    await expect.poll(() => runs.length).toBe(3);
  });
});
