import { describe, expect, it } from 'vitest';
import { Presence } from '../../../../src/controller/fleet/presence.ts';

const minute = 60_000;

/** Looks every five seconds; `states` are times from which it is online (+) or offline (-). */
function told(presence: Presence, untilMs: number, ...states: readonly number[]) {
  const news = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 5_000) {
    const last = states.filter((at) => Math.abs(at) <= nowMs).at(-1) ?? 1;
    const found = presence.look(last > 0, nowMs);
    if (found !== undefined) news.push(found);
  }
  return news;
}
const known = (online: boolean) => Object.assign(new Presence(), { told: online });

describe('Events of a device that connects and disconnects', () => {
  it('are none at first, without an earlier state', () => {
    expect(told(new Presence(), minute)).toEqual([]);
  });

  it('is that it went, ten seconds later, and that it came', () => {
    expect(told(known(true), 10 * minute, -minute, 3 * minute)).toEqual([
      { online: false, sinceMs: minute, beforeMs: undefined, untold: 0 },
      { online: true, sinceMs: 3 * minute, beforeMs: minute, untold: 0 },
    ]);
  });

  it('is nothing of what lasts less than ten seconds', () => {
    expect(told(known(true), 10 * minute, -minute, minute + 5_000)).toEqual([]);
  });

  it('is that it went while the controller was away', () => {
    expect(told(known(true), minute, -1)).toMatchObject([{ online: false }]);
  });

  it('is bounded where it comes and goes all day, and ends with how it stands', () => {
    const day = 24 * 60 * minute;
    const states = Array.from(
      { length: day / (2 * minute) },
      (_, i) => (i % 2 === 0 ? -1 : 1) * (i + 1) * minute,
    );
    const news = told(known(true), day, ...states);
    expect(news.length).toBeGreaterThan(20);
    // Six at once, and one in ten minutes.
    expect(news.length).toBeLessThanOrEqual(6 + day / (10 * minute));
    expect(news.at(-1)?.online).toBe(states.at(-1)! > 0);
    const changes = states.length;
    expect(news.length + news.reduce((sum, { untold }) => sum + untold, 0)).toBe(changes);
  });
});
