import { describe, expect, it } from 'vitest';
import type { RolloutDetail, RolloutWave } from '../../../src/api/index.ts';
import { timelineOf, timelineWords } from '../../../src/dashboard/rollouts/wave-times.ts';

const minute = 60_000;
const wave = (name: string, part: Partial<RolloutWave> = {}): RolloutWave => ({
  ...{ name, devices: 1, soakMinutes: 60, counts: {} },
  ...part,
});
const timeline = (waves: RolloutWave[], nowMs: number, state: RolloutDetail['state'] = 'running') =>
  timelineOf({ waves, state, sinceMs: nowMs }, nowMs);

describe('The timeline of a rollout', () => {
  it('is empty before anything began', () => {
    expect(timeline([wave('a')], 1_000).rows).toEqual([]);
  });

  it('has finished waves, the soaking one, and the planned ones', () => {
    const waves = [
      wave('a', { startedMs: 0, settledMs: 5 * minute, passedMs: 65 * minute }),
      wave('b', { startedMs: 65 * minute, settledMs: 70 * minute }),
      wave('c', { soakMinutes: 30 }),
      wave('d', { soakMinutes: 0 }),
    ];
    const { fromMs, toMs, rows } = timeline(waves, 80 * minute);
    const shown = rows.map(({ name, parts }) => [
      name,
      ...parts.map(({ kind, startMs, endMs }) => [kind, startMs / minute, endMs / minute]),
    ]);
    expect(shown).toEqual([
      ['a', ['updating', 0, 5], ['passed', 5, 65]],
      ['b', ['updating', 65, 70], ['soaking', 70, 80], ['planned', 80, 130]],
      ['c', ['planned', 130, 160]],
      ['d'],
    ]);
    expect([fromMs, toMs / minute]).toEqual([0, 160]);
    const minutes = (timeMs: number) => String(timeMs / minute);
    expect(rows.map((row) => timelineWords(row, minutes))).toEqual([
      'a: updating from 0 to 5, soaked from 5 and passed at 65.',
      'b: updating from 65 to 70, soaking since 70, planned to end its soak at 130 at the earliest.',
      'c: planned to end its soak at 160 at the earliest.',
      'd: not started.',
    ]);
  });

  it('plans nothing of a rollout that is over, and ends when that was', () => {
    const waves = [wave('a', { startedMs: 0, settledMs: minute }), wave('b')];
    const { toMs, rows } = timelineOf({ waves, state: 'aborted', sinceMs: 3 * minute }, 500 * minute);
    expect(toMs).toBe(3 * minute);
    expect(rows.map(({ parts }) => parts.map(({ kind }) => kind))).toEqual([['updating', 'soaking'], []]);
  });
});
