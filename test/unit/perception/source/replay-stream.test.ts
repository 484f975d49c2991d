import { describe, expect, it } from 'vitest';
import { type RecordedFrame, type ReplayOptions, ReplayStream } from '../../../../src/perception/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { NotingReceiver } from '../../adapters/replay/receiver.ts';

const picture = (timeMs?: number): RecordedFrame => ({
  ...{ width: 1, height: 1, step: 3, encoding: 'rgb8' as const },
  pixels: { data: new Uint8Array(3), release() {} },
  ...(timeMs === undefined ? {} : { timeNs: BigInt(timeMs) * 1_000_000n }),
});

/** Stamps in ms after `since`, of a recording whose pictures the receiver takes so long for. */
async function play(times: readonly (number | undefined)[], options: Partial<ReplayOptions>, takesMs = 0) {
  const clock = new FakeClock();
  const receiver = new NotingReceiver(() => clock.advance(takesMs));
  const stream = new ReplayStream({ clock, ...options });
  stream.begin()(async function* () {
    for (const time of times) yield picture(time);
  }, receiver);
  while (receiver.ends === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (clock.pending > 0) clock.advance(10);
  }
  await stream.stop();
  return receiver.frames;
}
const msOf = (frames: readonly { readonly stampNs: bigint }[], since = 0n) =>
  frames.map(({ stampNs }) => Number(stampNs - since) / 1e6);

describe('A recording that waits for its receiver', () => {
  it.each([0, 700])('gives its own times as stamps, also to a receiver that takes %i ms', async (takesMs) => {
    const frames = await play([0, 40, 120], {}, takesMs);
    expect(msOf(frames)).toEqual([0, 40, 120]);
    expect(frames.every(({ handedOverNs }) => (handedOverNs ?? 0n) > 1_000_000_000n)).toBe(true);
  });

  it('counts pictures that know no time at its rate, and goes on over the end in a loop', async () => {
    expect(msOf(await play([undefined, undefined], { loop: true, limit: 5 }))).toEqual([
      0, 100, 200, 300, 400,
    ]);
    expect(msOf(await play([0, 40], { loop: true, limit: 4, pace: { kind: 'every', fps: 25 } }))).toEqual([
      0, 40, 80, 120,
    ]);
  });
});

describe('A recording that was stopped', () => {
  it.each([{ kind: 'every' }, { kind: 'realtime', fps: 25 }] as const)(
    'and is started again begins at its first frame, with numbers and stamps that go on: %o',
    async (pace) => {
      const clock = new FakeClock();
      const stream = new ReplayStream({ clock, pace });
      const receiver = new NotingReceiver(() => {});
      for (const ends of [1, 2]) {
        stream.begin()(async function* () {
          for (const time of [0, 40]) yield picture(time);
        }, receiver);
        while (receiver.ends < ends) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (clock.pending > 0) clock.advance(10);
        }
        await stream.stop();
      }
      expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
      const [first, , third, fourth] = receiver.frames;
      expect(third!.stampNs).toBeGreaterThan(first!.stampNs);
      expect(fourth!.stampNs - third!.stampNs).toBe(40_000_000n);
      // It does not wait for as long as it has played already.
      expect(clock.monotonicMs()).toBeLessThan(200);
    },
  );
});

describe('A recording that is stopped while it is opened', () => {
  const frames = async function* () {
    yield picture(0);
  };

  it('does not play, also where it is opened again meanwhile: only the last one does', async () => {
    const stream = new ReplayStream({ clock: new FakeClock() });
    const receiver = new NotingReceiver(() => {});
    const first = stream.begin();
    await stream.stop();
    first(frames, receiver);
    const second = stream.begin();
    first(frames, receiver);
    expect(receiver.frames).toEqual([]);
    second(frames, receiver);
    while (receiver.ends < 1) await new Promise((resolve) => setTimeout(resolve, 1));
    await stream.stop();
    expect(receiver.frames).toHaveLength(1);
  });
});

describe('A recording in real time', () => {
  it('gives stamps of now that lie as far apart as its own times', async () => {
    const frames = await play([0, 40, 130], { pace: { kind: 'realtime', fps: 25 } });
    const [first] = frames;
    expect(msOf(frames, first?.stampNs)).toEqual([0, 40, 130]);
    expect(first?.stampNs).toBeGreaterThan(1_000_000_000_000_000_000n);
    expect(first?.handedOverNs).toBeUndefined();
  });

  it('does not fall behind for ever where the machine is too slow for it', async () => {
    const frames = await play([0, 40, 80, 120], { pace: { kind: 'realtime', fps: 25 } }, 3000);
    const [first] = frames;
    // Each is 3 s late: it is played on from there, and not with a stamp of seconds ago.
    expect(msOf(frames, first?.stampNs)).toEqual([0, 3000, 6000, 9000]);
  });
});
