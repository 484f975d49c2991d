import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryInfo } from '../../../../src/telemetry/index.ts';
import { Dispatch } from '../../../../src/telemetry/outbox/dispatch.ts';
import { OutboxIndex } from '../../../../src/telemetry/outbox/outbox-index.ts';

const policy = { window: 4, perSecond: 10, burst: 4, ackTimeoutMs: 1000, maxAckTimeoutMs: 3000 };
const none: ReadonlySet<number> = new Set();
const info = (entry: number, kind: 'event' | 'metrics' = 'metrics'): EntryInfo => ({
  entry,
  kind,
  bytes: 10,
  session: 1,
  thinned: 0,
});

describe('Dispatch', () => {
  let index: OutboxIndex;
  let dispatch: Dispatch;
  const take = (nowMs: number, notYet = none) =>
    dispatch.take(index, nowMs, notYet).map(({ entry }) => entry);

  beforeEach(() => {
    index = new OutboxIndex(1e6);
    dispatch = new Dispatch(policy);
  });

  it('sends events before metrics and each kind in order', () => {
    for (const one of [info(0), info(1, 'event'), info(2), info(3, 'event')]) index.admit(one);
    expect(take(0)).toEqual([1, 3, 0, 2]);
  });

  it('has no more under way than the window, and goes on with acknowledgements', () => {
    for (let entry = 0; entry < 10; entry++) index.admit(info(entry));
    expect(take(0)).toEqual([0, 1, 2, 3]);
    expect(take(500)).toEqual([]);
    index.remove(2);
    dispatch.forget(2);
    expect(take(500)).toEqual([4]);
  });

  it('lets what is new on this connection go before a backlog, also where its window is full', () => {
    for (let entry = 0; entry < 20; entry++) index.admit(info(entry));
    expect(take(0)).toEqual([0, 1, 2, 3]);
    for (const entry of [20, 21]) {
      index.admit(info(entry, 'event'));
      dispatch.made(entry);
    }
    expect(dispatch.waitMs(index, 0, none)).toBe(100);
    expect(take(100)).toEqual([20]);
    expect(take(200)).toEqual([21]);
    expect(take(1000)).toEqual([0, 1, 2, 3]);
    // On the next connection it waits as all that this one left.
    dispatch.reconnected();
    index.admit(info(22, 'event'));
    dispatch.made(22);
    expect(take(2000)).toEqual([22, 20, 21, 0]);
  });

  it('keeps to its pace after the first burst', () => {
    for (let entry = 0; entry < 50; entry++) index.admit(info(entry));
    let sent = 0;
    for (let nowMs = 0; nowMs < 2000; nowMs += 10)
      for (const entry of take(nowMs)) {
        sent++;
        index.remove(entry);
        dispatch.forget(entry);
      }
    expect(sent).toBeGreaterThanOrEqual(22);
    expect(sent).toBeLessThanOrEqual(24);
  });

  it('sends again what is not acknowledged, ever later', () => {
    index.admit(info(0));
    const times: number[] = [];
    for (let nowMs = 0; nowMs < 12_000; nowMs += 100) if (take(nowMs).length > 0) times.push(nowMs);
    expect(times).toEqual([0, 1000, 3000, 6000, 9000]);
    expect(dispatch.isRepeat(0)).toBe(true);
  });

  it('sends everything again on a new connection', () => {
    index.admit(info(0));
    index.admit(info(1));
    take(0);
    expect(take(100)).toEqual([]);
    dispatch.reconnected();
    expect(take(200)).toEqual([0, 1]);
  });

  it('lets an entry that cannot leave wait without holding up the others', () => {
    for (let entry = 0; entry < 8; entry++) index.admit(info(entry));
    for (const entry of take(0)) dispatch.failed(entry, 0);
    expect(take(400)).toEqual([4, 5, 6, 7]);
    expect(dispatch.waitMs(index, 400, none)).toBe(600);
  });

  it('leaves alone what is not on the disk yet', () => {
    index.admit(info(0));
    index.admit(info(1));
    expect(take(0, new Set([0]))).toEqual([1]);
    expect(dispatch.waitMs(index, 0, new Set([0]))).toBe(1000);
  });

  it('has nothing to wait for when everything is acknowledged', () => {
    expect(dispatch.waitMs(index, 0, none)).toBeUndefined();
    index.admit(info(0));
    expect(dispatch.waitMs(index, 0, none)).toBe(1);
  });
});
