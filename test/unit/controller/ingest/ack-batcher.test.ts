import { beforeEach, describe, expect, it } from 'vitest';
import { AckBatcher } from '../../../../src/controller/ingest/ack-batcher.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let sent: [device: string, entries: readonly number[]][];
let acks: AckBatcher;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  const notify = async (device: string, _: string, { entries }: { entries: readonly number[] }) =>
    void sent.push([device, entries]);
  acks = new AckBatcher({ rpc: { notify } as never, bus: eventBus(clock), clock });
});

describe('Acknowledgements', () => {
  it('wait for a second and go together, by device, each entry once', async () => {
    acks.add([
      { device: 'd1', entry: 1 },
      { device: 'd2', entry: 7 },
    ]);
    acks.add([
      { device: 'd1', entry: 2 },
      { device: 'd1', entry: 1 },
    ]);
    await clock.pass(999);
    expect(sent).toEqual([]);
    await clock.pass(1);
    expect(sent).toEqual([
      ['d1', [1, 2]],
      ['d2', [7]],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('do not wait when 50 of one device are there, and are never more than 500 in one message', async () => {
    const entries = Array.from({ length: 1200 }, (_, entry) => ({ device: 'd1', entry }));
    acks.add(entries.slice(0, 49));
    await clock.pass(0);
    expect(sent).toEqual([]);
    acks.add(entries.slice(49));
    await clock.pass(0);
    expect(sent.map(([, some]) => some.length)).toEqual([500, 500, 200]);
    expect(sent.flatMap(([, some]) => some)).toEqual(entries.map(({ entry }) => entry));
  });

  it('are sent at once when somebody waits for them, and at the end', async () => {
    acks.add([{ device: 'd1', entry: 1 }]);
    await acks.flush();
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
    acks.add([{ device: 'd1', entry: 2 }]);
    await acks.close();
    expect(sent).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });
});
