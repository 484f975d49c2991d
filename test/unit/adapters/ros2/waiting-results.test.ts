import { describe, expect, it } from 'vitest';
import { type Postponed, WaitingResults } from '../../../../src/adapters/ros2/waiting-results.ts';
import { InputError } from '../../../../src/base/index.ts';
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
  it('is sent at once if it is complete, and none remains', () => {
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

  it.each([false, true])(
    'that is given up for the same cause again is told after ten seconds, also where others go out (final: %s)',
    (final) => {
      const { offer, told, clock, postponed } = setUp(0);
      const each = () => {
        for (const about of ['one', 'other', undefined])
          offer('a', about === undefined ? undefined : postponed(about, final));
      };
      for (let i = 0; i < 3; i += 1) each();
      clock.advance(9_999);
      each();
      expect(told).toEqual(['one', 'other']);
      clock.advance(1);
      each();
      expect(told).toEqual(['one', 'other', 'one', 'other']);
    },
  );

  it('is told for sixteen causes in ten seconds', () => {
    const { offer, told, clock, postponed } = setUp(0);
    for (let i = 0; i < 40; i += 1) offer('a', postponed(`cause ${i}`));
    expect(told).toHaveLength(16);
    clock.advance(10_000);
    offer('a', postponed('cause 39'));
    expect(told.slice(16)).toEqual(['cause 39']);
  });

  it('that fails is told with its reason, and the next ones go out: at once, later, and by the timer', () => {
    const { offer, out, told, results, clock, state, postponed } = setUp();
    let ready = false;
    const fail = () => {
      throw new InputError('no-memory', 'write', 'x');
    };
    results.offer(fail);
    expect(told).toEqual(['no-memory']);
    for (const fails of ['later', 'at the end']) {
      clock.advance(10_000);
      results.offer((last) => (ready || last ? fail() : postponed('late')));
      offer(fails);
      expect(out).not.toContain(fails);
      if (fails === 'later') ready = true;
      results.look();
      ready = false;
      clock.advance(100);
      expect(out).toContain(fails);
    }
    expect([told, state.size, clock.pending]).toEqual([['no-memory', 'no-memory', 'no-memory'], 2, 0]);
  });

  it('is tried with what there is when its time is over, or too many wait', () => {
    const { out, told, results, clock, postponed } = setUp();
    const offer = (name: string) =>
      results.offer((last) => {
        if (last) out.push(name);
        return last ? undefined : postponed('late');
      });
    offer('a');
    clock.advance(100);
    expect(out).toEqual(['a']);
    for (let i = 0; i < 66; i += 1) offer(`r${i}`);
    expect([out, told]).toEqual([['a', 'r0', 'r1'], []]);
    results.close();
  });

  it('is one of 64 at most, and none after the end', () => {
    const { offer, out, told, results, state, clock, postponed } = setUp();
    for (let i = 0; i < 64; i += 1) offer(`r${i}`, postponed('late'));
    expect(told).toEqual([]);
    // Those that give way have their reason told.
    for (let i = 64; i < 70; i += 1) offer(`r${i}`, postponed('late'));
    expect(told).toEqual(['late']);
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
