import { beforeEach, describe, expect, it } from 'vitest';
import { type GoshawkError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import {
  type FrameReceiver,
  type SourceCounts,
  SupervisedFrameSource,
  type SupervisedSourceOptions,
} from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { NotingReceiver } from '../../adapters/replay/receiver.ts';
import { FakeSource, FramePool } from '../fakes.ts';

class CountingSource extends FakeSource {
  counts: SourceCounts = { bytes: 0, decodeErrors: 0 };
  inputCounts(): SourceCounts {
    return this.counts;
  }
}

class Receiver extends NotingReceiver implements FrameReceiver {
  readonly losses: GoshawkError[] = [];
  lost(error: GoshawkError): void {
    this.losses.push(error);
  }
}

describe('A live source', () => {
  let clock: FakeClock;
  let made: CountingSource[];
  let openError: unknown;
  let receiver: Receiver;
  let pool: FramePool;

  beforeEach(() => {
    clock = new FakeClock();
    made = [];
    openError = undefined;
    receiver = new Receiver();
    pool = new FramePool();
  });

  function supervise(over: Partial<SupervisedSourceOptions> = {}): SupervisedFrameSource {
    return new SupervisedFrameSource({
      ...{ camera: 'front', clock, random: () => 1, endless: true, stallMs: 5000 },
      retry: (after) =>
        after.code === 'no' ? { firstMs: 60_000, maxMs: 600_000 } : { firstMs: 250, maxMs: 1500 },
      make: async () => {
        const source = new CountingSource('front');
        source.openError = openError;
        made.push(source);
        return source;
      },
      ...over,
    });
  }
  const send = (sequence: number) => {
    const source = made.at(-1);
    void source?.receiver?.frame(pool.frame('front', { sequence }));
  };

  it('that is silent is lost after its time and connected anew; one that sends is left alone', async () => {
    const source = supervise();
    await source.open(receiver);
    await settle();
    for (let i = 0; i < 20; i++) {
      send(i);
      await clock.pass(4000);
    }
    expect([made.length, receiver.losses.length]).toEqual([1, 0]);
    await clock.pass(1250);
    expect(receiver.losses.map(({ code }) => code)).toEqual(['camera-stalled']);
    expect(made[0]?.closed).toBe(true);
    await clock.pass(250);
    expect(made).toHaveLength(2);
    await source.close();
    expect(clock.pending).toBe(0);
  });

  it('is asked again soon, and seldom after it refused the password', async () => {
    openError = new MissingError('gone', 'It is gone.', 'Wait.');
    const source = supervise();
    await source.open(receiver);
    await clock.pass(10_000);
    expect(made.length).toBeGreaterThan(6);
    openError = new RefusedError('no', 'No.', 'Another password.');
    await clock.pass(2000);
    const before = made.length;
    await clock.pass(59_000);
    expect(made.length - before).toBeLessThanOrEqual(1);
    await source.close();
  });

  it('continues its frame numbers after a reconnect', async () => {
    const source = supervise();
    await source.open(receiver);
    await settle();
    for (const sequence of [0, 1, 4]) send(sequence);
    made[0]?.receiver?.lost?.(new MissingError('gone', 'It is gone.', 'Wait.'));
    await clock.pass(250);
    for (const sequence of [0, 1]) send(sequence);
    expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 4, 5, 6]);
    await source.close();
  });

  it('says how it fares over all of its connections', async () => {
    const source = supervise();
    await source.open(receiver);
    await settle();
    expect(source.health()).toEqual({ connects: 0, frames: 0, bytes: 0, decodeErrors: 0 });
    send(0);
    made[0]!.counts = { bytes: 100, decodeErrors: 1 };
    await clock.pass(300);
    const connectedSinceMs = clock.wallMs() - 300;
    expect(source.health()).toEqual({
      ...{ connectedSinceMs, connects: 1, frames: 1, bytes: 100, decodeErrors: 1, lastFrameAgeMs: 300 },
    });
    made[0]?.receiver?.lost?.(new MissingError('gone', 'It is gone.', 'Wait.'));
    await clock.pass(250);
    expect(source.health()?.connectedSinceMs).toBeUndefined();
    send(0);
    made[1]!.counts = { bytes: 11, decodeErrors: 2 };
    expect(source.health()).toMatchObject({
      connects: 2,
      frames: 2,
      bytes: 111,
      decodeErrors: 3,
      lastFrameAgeMs: 0,
    });
    await source.close();
  });

  it('whose first try must open rejects with the reason, and does not try again', async () => {
    openError = new MissingError('gone', 'It is gone.', 'Wait.');
    await expect(supervise({ firstMustOpen: true }).open(receiver)).rejects.toMatchObject({ code: 'gone' });
    await clock.pass(60_000);
    expect([made.length, receiver.losses.length, clock.pending]).toEqual([1, 0, 0]);
  });

  it('whose first try succeeded is reconnected as any other', async () => {
    const source = supervise({ firstMustOpen: true });
    await source.open(receiver);
    made[0]?.receiver?.end();
    await clock.pass(250);
    expect([made.length, receiver.losses.length]).toEqual([2, 1]);
    await source.close();
  });

  it('whose first try hangs can be closed', async () => {
    const source = supervise({ firstMustOpen: true, make: () => new Promise(() => {}) });
    const opening = source.open(receiver);
    await source.close();
    await opening;
    expect(receiver.losses).toEqual([]);
  });
});
