import { describe, expect, test } from 'vitest';
import type { RolloutPolicy } from '../../../../src/api/index.ts';
import { lateWave } from '../../../../src/controller/rollouts/deadlines.ts';
import type { DeviceRecord, Rollout } from '../../../../src/controller/rollouts/rollout.ts';

const hourMs = 3_600_000;
const nowMs = 1000 * hourMs;
const ago = (hours: number) => nowMs - hours * hourMs;

type Given = Partial<Pick<DeviceRecord, 'state' | 'by'>> & {
  readonly inState: number;
  readonly ordered?: number;
  readonly resumed?: number;
  readonly policy?: Partial<RolloutPolicy>;
};

const rows: readonly [what: string, given: Given, late: boolean][] = [
  ['downloads for less than a day', { inState: 23 }, false],
  ['downloads for a day', { inState: 24 }, true],
  ['prepares for a day', { state: 'preparing', inState: 25 }, true],
  ['is on probation for a day', { state: 'probation', inState: 25 }, true],
  ['comes and goes, for six days', { inState: 1, ordered: 150 }, false],
  ['comes and goes, for seven days', { inState: 1, ordered: 168 }, true],
  ['is offline for a week', { state: 'unreachable', by: 'offline', inState: 168 }, false],
  ['waits for its window for a week', { state: 'deferred', by: 'window', inState: 168 }, false],
  ['waits until it is safe for a week', { state: 'deferred', by: 'safety', inState: 168 }, false],
  ['has been done for a week', { state: 'committed', inState: 168 }, false],
  ['downloads for a day, and somebody resumed an hour ago', { inState: 25, resumed: 1 }, false],
  [
    'downloads for a day in a wave that may take two',
    { inState: 25, policy: { waveDeadlineMinutes: 2880 } },
    false,
  ],
  [
    'downloads for a day in a rollout that may take two',
    { inState: 25, policy: { deadlineHours: 48 } },
    false,
  ],
];

describe('A wave without a deadline whose device', () => {
  test.each(rows)(
    '%s',
    (_, { state = 'downloading', by, inState, ordered = inState, resumed = 999, policy }, late) => {
      const record: DeviceRecord = {
        ...{ device: 'd1', wave: 0, state, sinceMs: ago(inState), orderedMs: ago(ordered), order: 'o' },
        ...(by === undefined ? {} : { by }),
      };
      const rollout = {
        policy: { model: { name: 'street' }, target: { all: true }, ...policy },
        ...{ sinceMs: ago(resumed), createdMs: ago(26), wave: 0, notes: [] },
        waves: [{ name: 'a', soakMinutes: 0, startedMs: ago(26) }],
      } as unknown as Rollout;
      expect(lateWave(rollout, [record], nowMs)?.kind).toBe(late ? 'deadline' : undefined);
    },
  );
});
