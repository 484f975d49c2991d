import { describe, expect, it } from 'vitest';
import { type Postponed, WaitingResults } from '../../../../src/adapters/ros2/waiting-results.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

function setUp(waitMs = 100) {
  const clock = new FakeClock();
  const out: string[] = [];
  const told: string[] = [];
  const results = new WaitingResults({ clock, waitMs, refused: ({ about }) => told.push(about) });
  const state = new Map<string, Postponed | undefined>();
  const postponed = (about: string, final = false): Postponed => ({ why: { about, reason: about }, final });
  /** Each may go out when its state says so. */
  const offer = (name: string, first?: Postponed) => {
    state.set(name, first);
    results.offer(() => {
      const now = state.get(name);
      if (now === undefined) out.push(name);
      return now;
    });
  };
  return { clock, out, told, results, state, offer, postponed };
}

describe('A result', () => {
  it('goes out at once where nothing is missing, and nothing is left', () => {
    const { offer, out, clock } = setUp();
    offer('a');
    expect([out, clock.pending]).toEqual([['a'], 0]);
  });

  it('waits behind the one before it', () => {
    const { offer, out, results, state, postponed } = setUp();
    offer('a', postponed('late'));
    offer('b');
    expect(out).toEqual([]);
    state.set('a', undefined);
    results.look();
    expect(out).toEqual(['a', 'b']);
  });

  it('is given up after its time, and the next one has its own', () => {
    const { offer, out, told, clock, postponed } = setUp();
    offer('a', postponed('late'));
    clock.advance(60);
    offer('b', postponed('later'));
    clock.advance(39);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['late']);
    clock.advance(59);
    expect(told).toEqual(['late']);
    clock.advance(1);
    expect([told, out, clock.pending]).toEqual([['late', 'later'], [], 0]);
  });

  it('that can’t go out any more is given up at once, and so is one that may not wait', () => {
    const { offer, told, clock, postponed } = setUp();
    offer('a', postponed('gone', true));
    expect([told, clock.pending]).toEqual([['gone'], 0]);
    const impatient = setUp(0);
    impatient.offer('a', postponed('late'));
    expect([impatient.told, impatient.clock.pending]).toEqual([['late'], 0]);
  });

  it('that is late for the same cause again is told after ten seconds, one that is gone each time', () => {
    const { offer, told, clock, postponed } = setUp(0);
    for (let i = 0; i < 3; i += 1) offer('a', postponed('late'));
    clock.advance(9_999);
    offer('a', postponed('late'));
    expect(told).toEqual(['late']);
    clock.advance(1);
    offer('a', postponed('late'));
    expect(told).toEqual(['late', 'late']);
    for (let i = 0; i < 2; i += 1) offer('a', postponed('gone', true));
    expect(told.slice(2)).toEqual(['gone', 'gone']);
  });

  it('is one of 64 at most, and none after the end', () => {
    const { offer, out, results, state, clock, postponed } = setUp();
    for (let i = 0; i < 70; i += 1) offer(`r${i}`, postponed('late'));
    for (const name of state.keys()) state.set(name, undefined);
    results.look();
    expect([out.length, out[0]]).toEqual([64, 'r6']);
    offer('x', postponed('late'));
    results.close();
    state.set('x', undefined);
    results.look();
    clock.advance(1000);
    expect([out.length, clock.pending]).toEqual([64, 0]);
  });
});
