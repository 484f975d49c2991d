import { beforeEach, describe, expect, it } from 'vitest';
import { type Clock, GoshawkError, MissingError } from '../../../../src/base/index.ts';
import {
  type Detector,
  type FrameSource,
  Pipeline,
  type PipelineEvent,
  SupervisedFrameSource,
} from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeSource, FramePool, identity } from '../fakes.ts';

const gone = new MissingError('folder-missing', 'The folder is not there.', 'Bring it back.');

const detector: Detector = {
  identity: identity(),
  capacity: 1,
  detect: async () => ({
    detections: [],
    candidates: 0,
    timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
  }),
  close: async () => {},
};

describe('A supervised source', () => {
  let clock: FakeClock;
  let made: FakeSource[];
  let refuse: boolean;
  let events: PipelineEvent[];
  let pool: FramePool;

  beforeEach(() => {
    clock = new FakeClock();
    made = [];
    refuse = false;
    events = [];
    pool = new FramePool();
  });

  function supervise(camera: string, make?: () => Promise<FrameSource>, endless = true) {
    return new SupervisedFrameSource({
      ...{ camera, clock, random: () => 1, endless },
      retry: { firstMs: 1000, maxMs: 8000 },
      make:
        make ??
        (async () => {
          const source = new FakeSource(camera);
          made.push(source);
          if (refuse) source.openError = gone;
          return source;
        }),
    });
  }

  async function start(...sources: FrameSource[]): Promise<Pipeline> {
    const pipeline = new Pipeline({ detector, sinks: [], clock, onEvent: (event) => events.push(event) });
    for (const source of sources) await pipeline.add(source);
    await pipeline.start();
    await settle();
    return pipeline;
  }

  const kinds = () => events.map((event) => `${event.kind} ${'camera' in event ? event.camera : ''}`.trim());
  const send = (source: FakeSource | undefined) =>
    source?.receiver?.frame(pool.frame(source.camera, { sequence: 0 }));

  it('of a camera that is not there ends neither the pipeline nor the camera beside it', async () => {
    refuse = true;
    const other = new FakeSource('rear');
    const pipeline = await start(
      supervise('front'),
      supervise('rear', async () => other),
    );
    send(other);
    await clock.pass(60_000);
    expect(kinds()).toEqual(['lost front']);
    expect(pipeline.stats().cameras.map(({ camera, fault }) => [camera, fault])).toEqual([
      ['front', gone.explain()],
      ['rear', undefined],
    ]);
    await pipeline.close();
    expect(clock.pending).toBe(0);
  });

  it('tries again with growing waits, and says when its camera is back', async () => {
    refuse = true;
    const pipeline = await start(supervise('front'));
    const triesAfter = async (ms: number) => {
      await clock.pass(ms);
      return made.length;
    };
    expect([made.length, await triesAfter(1000), await triesAfter(2000), await triesAfter(4000)]).toEqual([
      1, 2, 3, 4,
    ]);
    expect([await triesAfter(7999), await triesAfter(1), await triesAfter(8000)]).toEqual([4, 5, 6]);
    refuse = false;
    await clock.pass(8000);
    expect(kinds()).toEqual(['lost front']);
    send(made.at(-1));
    expect(kinds()).toEqual(['lost front', 'back front']);
    expect(pipeline.stats().cameras[0]?.fault).toBeUndefined();
    await pipeline.close();
  });

  it('is opened again where it ends before its time, with the reason that it gave', async () => {
    const pipeline = await start(supervise('front'));
    send(made[0]);
    made[0]?.receiver?.fault(gone);
    made[0]?.receiver?.end();
    await clock.pass(1000);
    expect(made.map(({ closed }) => closed)).toEqual([true, false]);
    expect(events.find(({ kind }) => kind === 'lost')).toMatchObject({ error: gone });
    send(made[1]);
    expect(kinds().slice(-2)).toEqual(['lost front', 'back front']);
    await pipeline.close();
  });

  it('waits longer and longer for one that comes and goes, and begins anew after it stayed', async () => {
    const pipeline = await start(supervise('front'));
    const leave = async () => {
      await settle();
      send(made.at(-1));
      made.at(-1)?.receiver?.end();
      await settle();
    };
    await leave();
    await clock.pass(1000);
    await leave();
    await clock.pass(1000);
    expect(made).toHaveLength(2);
    await clock.pass(1000);
    expect(made).toHaveLength(3);
    await clock.pass(8001);
    await leave();
    await clock.pass(1000);
    expect(made).toHaveLength(4);
    await pipeline.close();
  });

  it('is told as lost and back once where it comes and goes, and back again when it has stayed', async () => {
    await start(supervise('front'));
    for (let life = 0; life < 8; life++) {
      send(made.at(-1));
      await clock.pass(300);
      made.at(-1)?.receiver?.lost?.(gone);
      await clock.pass(8000);
    }
    expect(kinds()).toEqual(['lost front', 'back front', 'lost front']);
    for (let second = 0; second < 11; second++) {
      send(made.at(-1));
      await clock.pass(1000);
    }
    expect(kinds()).toEqual(['lost front', 'back front', 'lost front', 'back front']);
    // From here on it is a camera like any other.
    await clock.pass(10_000);
    made.at(-1)?.receiver?.lost?.(gone);
    await clock.pass(8000);
    send(made.at(-1));
    await settle();
    expect(kinds().slice(4)).toEqual(['lost front', 'back front']);
  });

  it('is not called stalled for a pause of this process', async () => {
    let pausedMs = 0;
    const paused: Clock = {
      ...{ wallMs: () => clock.wallMs(), wallNs: () => clock.wallNs() },
      monotonicMs: () => clock.monotonicMs() + pausedMs,
      after: (delayMs, run) => clock.after(delayMs, run),
      every: (periodMs, run) => clock.every(periodMs, run),
    };
    const source = new SupervisedFrameSource({
      ...{ camera: 'front', clock: paused, random: () => 1, endless: true, stallMs: 5000 },
      make: async () => {
        made.push(new FakeSource('front'));
        return made.at(-1)!;
      },
    });
    await start(source);
    send(made[0]);
    // Stopped and continued: all of its timers are late at once.
    pausedMs = 30_000;
    await clock.pass(1000);
    expect([kinds(), made.length]).toEqual([[], 1]);
    send(made[0]);
    await clock.pass(4500);
    expect(kinds()).toEqual([]);
    await clock.pass(750);
    expect(kinds()).toEqual(['lost front']);
    await source.close();
  });

  it('ends where a recording ends', async () => {
    const pipeline = await start(supervise('front', undefined, false));
    made[0]?.receiver?.end();
    await clock.pass(60_000);
    expect([kinds(), made.length]).toEqual([['ended front'], 1]);
    await pipeline.close();
  });

  it('does not wait at its end for one that never opens, and closes it if it comes after all', async () => {
    const late = new FakeSource('front');
    let come = (_: FrameSource) => {};
    const pipeline = await start(
      supervise(
        'front',
        () =>
          new Promise((resolve) => {
            come = resolve;
          }),
      ),
    );
    await pipeline.close();
    come(late);
    await settle();
    expect([late.opens, late.closed]).toEqual([0, true]);
  });

  it('wraps what is thrown at it', async () => {
    await start(supervise('front', () => Promise.reject(new Error('EIO'))));
    const [lost] = events;
    expect(lost).toMatchObject({ kind: 'lost', error: expect.any(GoshawkError) });
  });
});
