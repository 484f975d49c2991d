import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import type { Frame } from '../../../../src/perception/index.ts';
import type { Job, Worker } from '../../../../src/perception/pipeline/lane.ts';
import type { SchedulingPolicy } from '../../../../src/perception/pipeline/node-queue.ts';
import { Scheduler } from '../../../../src/perception/pipeline/scheduler.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FramePool } from '../fakes.ts';

class ManualWorker implements Worker<number, undefined> {
  readonly capacity: number;
  readonly tasks: { frame: Frame; resolve: (value: number) => void; reject: (error: unknown) => void }[] = [];
  started: Frame[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  run({ frame }: Job<undefined>): Promise<number> {
    this.started.push(frame);
    return new Promise((resolve, reject) => {
      this.tasks.push({ frame, resolve, reject });
    });
  }

  async finish(index = 0): Promise<void> {
    this.tasks.splice(index, 1)[0]?.resolve(1);
    await settle();
  }
}

function setUp(capacity = 1, cameras: Record<string, SchedulingPolicy> = { a: 'newest' }) {
  const pool = new FramePool();
  const clock = new FakeClock();
  const worker = new ManualWorker(capacity);
  const delivered: Frame[] = [];
  const failed: { frame: Frame; code: string }[] = [];
  const scheduler = new Scheduler<number>({
    clock,
    timeoutMs: 1000,
    deliver: ({ frame }) => {
      expect(pool.released(frame)).toBe(0);
      delivered.push(frame);
    },
    fail: ({ frame }, error) => failed.push({ frame, code: error.code }),
  });
  void scheduler.use('main', worker);
  for (const [camera, policy] of Object.entries(cameras)) scheduler.add(camera, { slot: 'main', policy });
  return { pool, clock, worker, delivered, failed, scheduler };
}

describe('Scheduler', () => {
  it.each([
    ['newest', { superseded: 1, dropped: { closed: 0 } }],
    ['every', { superseded: 0, dropped: { closed: 1 } }],
  ] as const)('counts the frame that waits when its graph is replaced: %s', async (policy, counted) => {
    const { pool, worker, scheduler } = setUp(1, { a: policy });
    await scheduler.offer('a', pool.frame('a'));
    void scheduler.offer('a', pool.frame('a'));
    const before = scheduler.remove('a');
    scheduler.add('a', { slot: 'main', policy }, before);
    await worker.finish();
    expect(scheduler.counts('a')).toMatchObject({ received: 2, processed: 1, waiting: 0, ...counted });
    expect(pool.everyOnce).toBe(true);
  });

  it('keeps the newest frame of a live camera and counts the others as superseded', async () => {
    const { pool, worker, delivered, scheduler } = setUp();
    const frames = Array.from({ length: 5 }, () => pool.frame('a'));
    for (const frame of frames) void scheduler.offer('a', frame);
    await settle();
    await worker.finish();
    await worker.finish();
    expect(delivered).toEqual([frames[0], frames[4]]);
    expect(scheduler.counts('a')).toMatchObject({
      received: 5,
      processed: 2,
      superseded: 3,
      waiting: 0,
      inFlight: 0,
    });
    expect(pool.everyOnce).toBe(true);
  });

  it('serves the camera that was served least recently', async () => {
    const { pool, worker, scheduler } = setUp(1, { a: 'newest', b: 'newest', c: 'newest' });
    for (let turn = 0; turn < 6; turn++) {
      for (const camera of ['a', 'b', 'c']) void scheduler.offer(camera, pool.frame(camera));
      await settle();
      await worker.finish();
    }
    expect(worker.started.map(({ camera }) => camera)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
  });

  it('makes a replay wait until its frame is taken in work, and supersedes none', async () => {
    const { pool, worker, scheduler, delivered } = setUp(1, { a: 'every' });
    let sent = 0;
    const replay = (async () => {
      for (; sent < 5; sent++) await scheduler.offer('a', pool.frame('a'));
    })();
    await settle();
    expect(sent).toBe(1); // the first is in work, the second waits
    for (let i = 0; i < 5; i++) await worker.finish();
    await replay;
    expect(delivered.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(scheduler.counts('a')).toMatchObject({ processed: 5, superseded: 0 });
  });

  it('drops and counts what a replay pushes without waiting beyond its limit', async () => {
    const { pool, scheduler } = setUp(1, { a: 'every' });
    for (let i = 0; i < 12; i++) void scheduler.offer('a', pool.frame('a'));
    expect(scheduler.counts('a')).toMatchObject({ inFlight: 1, waiting: 8, dropped: { overflow: 3 } });
  });

  it('delivers in the order of the frames when a later one is ready first', async () => {
    const { pool, worker, delivered, scheduler } = setUp(3, { a: 'every' });
    const frames = [0, 1, 2].map(() => pool.frame('a'));
    for (const frame of frames) void scheduler.offer('a', frame);
    await settle();
    await worker.finish(2);
    await worker.finish(1);
    expect(delivered).toEqual([]);
    await worker.finish(0);
    expect(delivered).toEqual(frames);
  });

  it('counts a rejected frame as failed and goes on', async () => {
    const { pool, worker, failed, delivered, scheduler } = setUp();
    const bad = pool.frame('a');
    void scheduler.offer('a', bad);
    await settle();
    worker.tasks.shift()?.reject(new InputError('frame-short', 'short', 'x'));
    await settle();
    expect(failed).toEqual([{ frame: bad, code: 'frame-short' }]);
    void scheduler.offer('a', pool.frame('a'));
    await settle();
    await worker.finish();
    expect(delivered).toHaveLength(1);
    expect(scheduler.counts('a').dropped.failed).toBe(1);
    expect(pool.everyOnce).toBe(true);
  });

  it('treats a worker that throws at once like one that rejects', async () => {
    const { pool, failed, scheduler } = setUp();
    await scheduler.use('main', {
      capacity: 1,
      run: () => {
        throw new Error('at once');
      },
    });
    void scheduler.offer('a', pool.frame('a'));
    await settle();
    expect(failed.map(({ code }) => code)).toEqual(['inference-failed']);
    expect(pool.everyOnce).toBe(true);
  });

  it('gives up a frame that is not answered in time but keeps its pixels and its slot until the worker lets go', async () => {
    const { pool, clock, worker, failed, delivered, scheduler } = setUp();
    const late = pool.frame('a');
    void scheduler.offer('a', late);
    const next = pool.frame('a');
    void scheduler.offer('a', next);
    await clock.pass(1000);
    expect(failed.map(({ code }) => code)).toEqual(['inference-timeout']);
    expect(scheduler.counts('a')).toMatchObject({ dropped: { timeout: 1 }, waiting: 1, inFlight: 0 });
    expect(scheduler.held).toBe(1);
    expect(pool.released(late)).toBe(0);
    await worker.finish();
    expect(pool.released(late)).toBe(1);
    expect(delivered).toEqual([]); // its result comes too late
    expect(scheduler.held).toBe(0);
    await worker.finish();
    expect(delivered).toEqual([next]);
  });

  it('lets a stuck worker be replaced: what waits goes to the new one', async () => {
    const { pool, clock, worker, delivered, scheduler } = setUp();
    void scheduler.offer('a', pool.frame('a'));
    const next = pool.frame('a');
    void scheduler.offer('a', next);
    await clock.pass(1000);
    const fresh = new ManualWorker(1);
    await scheduler.use('main', fresh);
    await settle();
    await fresh.finish();
    expect(delivered).toEqual([next]);
    expect(pool.everyOnce).toBe(false);
    await worker.finish(); // the old engine lets go at last
    expect(pool.everyOnce).toBe(true);
  });

  it('changes workers without losing a frame and says when the old one owes nothing more', async () => {
    const { pool, worker, delivered, scheduler } = setUp(1, { a: 'every' });
    const frames = [0, 1].map(() => pool.frame('a'));
    for (const frame of frames) void scheduler.offer('a', frame);
    await settle();
    const fresh = new ManualWorker(1);
    let drained = false;
    void scheduler.use('main', fresh).then(() => {
      drained = true;
    });
    await settle();
    expect(fresh.started).toEqual([frames[1]]);
    await fresh.finish();
    expect(drained).toBe(false);
    expect(delivered).toEqual([]); // in order across the change
    await worker.finish();
    expect(drained).toBe(true);
    expect(delivered).toEqual(frames);
  });

  it('drops the frames of a paused live camera and holds those of a paused replay', async () => {
    const { pool, worker, scheduler } = setUp(1, { live: 'newest', replay: 'every' });
    scheduler.pause('live');
    scheduler.pause('replay');
    void scheduler.offer('live', pool.frame('live'));
    void scheduler.offer('replay', pool.frame('replay'));
    await settle();
    expect(worker.started).toEqual([]);
    expect(scheduler.counts('live').dropped.paused).toBe(1);
    expect(scheduler.counts('replay').waiting).toBe(1);
    scheduler.resume('replay');
    await settle();
    expect(worker.started).toHaveLength(1);
  });

  it('reports an error of the receiver and still gives the frame back', async () => {
    const pool = new FramePool();
    const worker = new ManualWorker(1);
    const codes: string[] = [];
    const scheduler = new Scheduler<number>({
      clock: new FakeClock(),
      timeoutMs: 1000,
      deliver: () => {
        throw new Error('broken');
      },
      fail: (_, error) => codes.push(error.code),
    });
    void scheduler.use('main', worker);
    scheduler.add('a', { slot: 'main', policy: 'newest' });
    void scheduler.offer('a', pool.frame('a'));
    await settle();
    await worker.finish();
    expect(codes).toEqual(['result-refused']);
    expect(pool.everyOnce).toBe(true);
    await scheduler.idle();
  });

  it('leaves no timer behind and drops what comes after close', async () => {
    const { pool, clock, worker, scheduler } = setUp();
    void scheduler.offer('a', pool.frame('a'));
    void scheduler.offer('a', pool.frame('a'));
    await settle();
    const closed = scheduler.close();
    void scheduler.offer('a', pool.frame('a'));
    await worker.finish();
    await closed;
    expect(clock.pending).toBe(0);
    expect(scheduler.counts('a')).toMatchObject({ received: 3, processed: 1, dropped: { closed: 2 } });
    expect(pool.everyOnce).toBe(true);
  });

  it('refuses a camera that it does not know, or knows already', () => {
    const { pool, scheduler } = setUp();
    expect(() => scheduler.offer('z', pool.frame('z'))).toThrow(/"z"/);
    expect(() => scheduler.add('a', { slot: 'main', policy: 'newest' })).toThrow(/already/);
  });
});

type Step =
  | { readonly do: 'offer' | 'pause' | 'resume'; readonly camera: number }
  | { readonly do: 'finish' | 'reject'; readonly index: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'swap'; readonly capacity: number }
  | { readonly do: 'close' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('offer' as const), camera: fc.nat(2) }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('finish' as const), index: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reject' as const), index: fc.nat(5) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 600, 1000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), camera: fc.nat(2) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('swap' as const), capacity: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  ),
  { maxLength: 60 },
);

describe('the invariants of the scheduler', () => {
  it('hold after every step of any sequence of arrivals, answers, failures, time-outs, pauses, swaps and close', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (list, capacity) => {
        const cameras = ['a', 'b', 'c'];
        const rig = setUp(capacity, { a: 'newest', b: 'every', c: 'newest' });
        const { pool, clock, delivered, scheduler } = rig;
        const workers = [rig.worker];
        const offered: Record<string, number> = { a: 0, b: 0, c: 0 };
        const pausedNow = new Set<string>();
        let closed = false;

        for (const step of list) {
          const tasks = workers.flatMap((worker) => worker.tasks.map((task) => ({ worker, task })));
          switch (step.do) {
            case 'offer': {
              const camera = cameras[step.camera]!;
              offered[camera]! += 1;
              void scheduler.offer(camera, pool.frame(camera));
              break;
            }
            case 'finish':
            case 'reject': {
              const picked = tasks[step.index % Math.max(1, tasks.length)];
              if (!picked) break;
              picked.worker.tasks.splice(picked.worker.tasks.indexOf(picked.task), 1);
              if (step.do === 'finish') picked.task.resolve(1);
              else picked.task.reject(new Error('no'));
              break;
            }
            case 'pass':
              await clock.pass(step.ms);
              break;
            case 'pause':
              pausedNow.add(cameras[step.camera]!);
              scheduler.pause(cameras[step.camera]!);
              break;
            case 'resume':
              pausedNow.delete(cameras[step.camera]!);
              scheduler.resume(cameras[step.camera]!);
              break;
            case 'swap': {
              const worker = new ManualWorker(step.capacity);
              workers.push(worker);
              void scheduler.use('main', worker);
              break;
            }
            case 'close':
              closed = true;
              void scheduler.close();
              break;
          }
          for (let check = 0; check < 2; check++) {
            let runnable = 0;
            for (const camera of cameras) {
              const counts = scheduler.counts(camera);
              const dropped = Object.values(counts.dropped).reduce((sum, count) => sum + count, 0);
              expect(counts.received).toBe(offered[camera]);
              expect(counts.processed + counts.superseded + dropped + counts.waiting + counts.inFlight).toBe(
                counts.received,
              );
              if (camera !== 'b') expect(counts.waiting).toBeLessThanOrEqual(1);
              if (!pausedNow.has(camera)) runnable += counts.waiting;
            }
            for (const worker of workers) {
              expect(worker.tasks.length).toBeLessThanOrEqual(worker.capacity);
              for (const { frame } of worker.tasks) expect(pool.released(frame)).toBe(0);
            }
            for (const count of pool.releases.values()) expect(count).toBeLessThanOrEqual(1);
            await settle();
            // Nothing waits beside a free slot.
            if (check === 1 && !closed && runnable > 0)
              expect(workers.at(-1)!.tasks.length).toBe(workers.at(-1)!.capacity);
          }
        }
        // Everybody answers: then every frame is accounted for and given back.
        for (const camera of cameras) scheduler.resume(camera);
        const end = scheduler.close();
        for (const worker of workers) while (worker.tasks.length > 0) await worker.finish();
        await settle();
        await end;
        expect(pool.everyOnce).toBe(true);
        expect(clock.pending).toBe(0);
        for (const camera of cameras) {
          expect(scheduler.counts(camera)).toMatchObject({ waiting: 0, inFlight: 0 });
          const order = delivered.filter((frame) => frame.camera === camera).map(({ sequence }) => sequence);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
      { numRuns: 60, seed: 42 },
    );
  });

  it('let no camera be served twice while another one waits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 10, maxLength: 60 }), async (arrivals) => {
        const names = ['a', 'b', 'c', 'd'];
        const { pool, worker, scheduler } = setUp(1, { a: 'newest', b: 'newest', c: 'newest', d: 'newest' });
        const servedWhileWaiting = new Map<string, string[]>();
        let seen = 0;
        for (const [i, arrival] of arrivals.entries()) {
          const camera = names[arrival]!;
          void scheduler.offer(camera, pool.frame(camera));
          await settle();
          if (i % 3 === 2) await worker.finish();
          for (; seen < worker.started.length; seen++) {
            const served = worker.started[seen]!.camera;
            servedWhileWaiting.delete(served);
            for (const list of servedWhileWaiting.values()) {
              expect(list).not.toContain(served);
              list.push(served);
            }
          }
          for (const name of names) {
            if (scheduler.counts(name).waiting > 0 && !servedWhileWaiting.has(name))
              servedWhileWaiting.set(name, []);
          }
        }
        // Frames that are left are the pool's; end tidily.
        const end = scheduler.close();
        await worker.finish();
        await end;
      }),
      { numRuns: 40, seed: 8 },
    );
  });
});
