import { beforeEach, describe, expect, it } from 'vitest';
import { type FollowedOrder, FollowedOrders, type Reported } from '../../../src/protocol/index.ts';

type Slot = Reported['slots'][string]['deployment'];

let ended: FollowedOrder[];
let followed: FollowedOrders;
beforeEach(() => {
  ended = [];
  followed = new FollowedOrders((order) => ended.push(order));
});

const report = (state: Slot['state'], nowMs: number, mayBegin: boolean, more: Partial<Slot> = {}) => {
  const deployment = { state, order: 'o1', ...more };
  const slots = { main: { deployment, role: 'serve', cameras: [] } } as unknown as Reported['slots'];
  followed.reported('d1', { slots }, nowMs, mayBegin);
};

describe('An order', () => {
  it('is told once it is over, with each of its steps', () => {
    followed.given('d1', 'main', 'o1', 100);
    report('downloading', 110, false);
    report('downloading', 120, false);
    report('probation', 130, false);
    expect(ended).toEqual([]);
    report('committed', 140, false);
    report('committed', 150, false);
    expect(ended).toEqual([
      {
        ...{ order: 'o1', device: 'd1', slot: 'main', startMs: 100, endMs: 140, outcome: 'committed' },
        steps: [
          { state: 'downloading', atMs: 110 },
          { state: 'probation', atMs: 130 },
          { state: 'committed', atMs: 140 },
        ],
      },
    ]);
    // Given again by a repeated look at what is desired: it is over.
    followed.given('d1', 'main', 'o1', 160);
    report('committed', 170, false);
    expect(ended).toHaveLength(1);
  });

  it('that failed says how and why', () => {
    followed.given('d1', 'main', 'o1', 0);
    report('failed', 5, false, { outcome: 'rolled-back', reason: 'too slow' });
    expect(ended).toMatchObject([{ outcome: 'rolled-back', reason: 'too slow' }]);
  });

  it('begins on a device with its first step, and not with its end', () => {
    report('committed', 1, true);
    expect(ended).toEqual([]);
    report('downloading', 2, true, { order: 'o2' });
    report('committed', 3, true, { order: 'o2' });
    expect(ended).toMatchObject([{ order: 'o2', startMs: 2, endMs: 3 }]);
  });

  it('that was never given is not followed', () => {
    report('downloading', 1, false);
    report('committed', 2, false);
    expect(ended).toEqual([]);
  });

  it('that is too much takes the place of the oldest', () => {
    for (let at = 0; at <= 10_000; at += 1) followed.given('d1', 'main', `o${at}`, at);
    report('committed', 20_000, false, { order: 'o0' });
    expect(ended).toEqual([]);
    report('committed', 20_000, false, { order: 'o10000' });
    expect(ended).toHaveLength(1);
  });
});
