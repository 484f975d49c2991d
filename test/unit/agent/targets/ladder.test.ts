import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ladder } from '../../../../src/agent/targets/ladder.ts';
import {
  type LadderSignal,
  ladderRow,
  ladderSignals,
  ladderStates,
  ladderTable,
} from '../../../../src/agent/targets/ladder-table.ts';

const times = { pressedMs: 15_000, relievedMs: 120_000, settleMs: 10_000 };
const tickMs = 5000;

/** What the ladder did, one signal in five seconds. */
function play(ladder: Ladder, signals: readonly LadderSignal[], fromMs = 0) {
  return signals.flatMap((signal, at) => {
    const atMs = fromMs + at * tickMs;
    const move = ladder.next(signal, atMs);
    return move === undefined ? [] : [{ move, atMs, level: ladder.level }];
  });
}

const many = (signal: LadderSignal, seconds: number) => Array.from({ length: seconds / 5 }, () => signal);

describe('The table of the ladder', () => {
  const cases = ladderStates.flatMap((state) =>
    ladderSignals.flatMap((signal) => [true, false].map((due) => ({ state, signal, due }))),
  );

  it.each(cases)('has one row for $state, $signal, due $due', ({ state, signal, due }) => {
    const rows = ladderTable.filter(
      (row) => row.state === state && row.signal === signal && (row.due ?? due) === due,
    );
    expect(rows).toHaveLength(1);
    expect(ladderRow(state, signal, due)).toBe(rows[0]);
  });

  it('makes steps down under pressure alone and steps up without it alone, and settles after each', () => {
    for (const { signal, step, next } of ladderTable) {
      if (step === undefined) continue;
      expect(step === 'down').toBe(signal === 'pressure');
      expect(next).toBe('settling');
    }
  });
});

describe('A ladder', () => {
  it('takes a step when pressure lasted, and the next one when that did not help', () => {
    const ladder = new Ladder(3, times);
    expect(play(ladder, many('pressure', 60))).toEqual([
      { move: 'down', atMs: 15_000, level: 1 },
      { move: 'down', atMs: 40_000, level: 2 },
    ]);
  });

  it('takes none for pressure that comes and goes', () => {
    const ladder = new Ladder(3, times);
    const flicker = Array.from(
      { length: 500 },
      (_, at): LadderSignal => (at % 3 === 2 ? 'calm' : 'pressure'),
    );
    expect(play(ladder, flicker)).toEqual([]);
  });

  it('undoes a step when there was room for its time, and tries one when it is not sure, much later', () => {
    const sure = new Ladder(1, times);
    play(sure, many('pressure', 20));
    expect(play(sure, many('room', 300), 20_000)).toEqual([{ move: 'up', atMs: 145_000, level: 0 }]);
    const unsure = new Ladder(1, times);
    play(unsure, many('pressure', 20));
    expect(play(unsure, many('quiet', 3000), 20_000)).toEqual([{ move: 'up', atMs: 1_825_000, level: 0 }]);
  });

  it('does nothing at the bottom but to say so once', () => {
    const ladder = new Ladder(1, times);
    expect(play(ladder, many('pressure', 600)).map(({ move }) => move)).toEqual(['down', 'bottom']);
    expect(play(new Ladder(0, times), many('pressure', 600)).map(({ move }) => move)).toEqual(['bottom']);
  });

  it('waits ever longer where a step up is always taken back, so that a load at the edge makes few events', () => {
    const ladder = new Ladder(1, times);
    let atMs = 0;
    let moves = 0;
    for (; atMs < 86_400_000; atMs += tickMs)
      if (ladder.next(ladder.level === 0 ? 'pressure' : 'room', atMs) !== undefined) moves += 1;
    // Without patience it would be one in two minutes and a half: 1,100.
    expect(moves).toBeLessThan(110);
    expect(moves).toBeGreaterThan(40);
  });

  it('keeps its bounds, settles between steps, and undoes every step once there is room for good', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.array(fc.tuple(fc.constantFrom(...ladderSignals), fc.integer({ min: 1, max: 60 })), {
          maxLength: 40,
        }),
        (steps, runs) => {
          const ladder = new Ladder(steps, times);
          const signals = runs.flatMap(([signal, ticks]) => Array.from({ length: ticks }, () => signal));
          const moves = play(ladder, signals).filter(({ move }) => move !== 'bottom');
          for (const [at, { move, atMs, level }] of moves.entries()) {
            const before = moves[at - 1]?.level ?? 0;
            expect(level - before).toBe(move === 'down' ? 1 : -1);
            expect(level).toBeGreaterThanOrEqual(0);
            expect(level).toBeLessThanOrEqual(steps);
            if (at > 0) expect(atMs - moves[at - 1]!.atMs).toBeGreaterThanOrEqual(times.settleMs);
          }
          const longest = steps * (16 * times.relievedMs + times.settleMs) + 2 * tickMs * steps;
          play(ladder, many('room', Math.ceil(longest / 1000)), signals.length * tickMs);
          expect(ladder.level).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
