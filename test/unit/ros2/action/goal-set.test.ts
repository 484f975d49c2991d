import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cancelCodes,
  GoalSet,
  goalEvents,
  goalStatusNumbers,
  nextGoalState,
} from '../../../../src/ros2/index.ts';

const id = (number: number) => number.toString(16).padStart(32, '0');
const all = { goalId: id(0), stampNs: 0n };

describe('Goals', () => {
  it('are taken one at a time, and none twice', () => {
    const goals = new GoalSet<string>();
    expect(goals.accept({ goalId: id(1), stampNs: 1n }, 0)).toBe(true);
    expect(goals.accept({ goalId: id(2), stampNs: 2n }, 0)).toBe(false);
    goals.move(id(1), 'execute');
    goals.end(id(1), 'succeed', 'done', 5);
    expect(goals.accept({ goalId: id(1), stampNs: 3n }, 6)).toBe(false);
    expect(goals.accept({ goalId: id(2), stampNs: 4n }, 6)).toBe(true);
    expect(goals.resultOf(id(1))).toBe('done');
  });

  it.each([
    ['by its id', { goalId: id(1), stampNs: 0n }, [id(1)], cancelCodes.none],
    ['by the time', { goalId: id(0), stampNs: 10n }, [id(1)], cancelCodes.none],
    ['by a time before it', { goalId: id(0), stampNs: 9n }, [], cancelCodes.none],
    ['as all', all, [id(1)], cancelCodes.none],
    ['by another id', { goalId: id(7), stampNs: 0n }, [], cancelCodes.unknownGoal],
    ['by another id and the time', { goalId: id(7), stampNs: 10n }, [id(1)], cancelCodes.none],
    ['by the id of one that is over', { goalId: id(3), stampNs: 0n }, [], cancelCodes.goalOver],
  ])('are meant by a request to cancel %s', (_, asked, meant, code) => {
    const goals = new GoalSet<string>();
    goals.accept({ goalId: id(3), stampNs: 2n }, 0);
    goals.move(id(3), 'execute');
    goals.end(id(3), 'abort', '', 0);
    goals.accept({ goalId: id(1), stampNs: 10n }, 0);
    const found = goals.meant(asked);
    expect(found.goals.map(({ goalId }) => goalId)).toEqual(meant);
    expect(found.code).toBe(code);
  });

  it('keep results for 15 minutes, and of many the last sixteen', () => {
    const goals = new GoalSet<number>();
    for (let number = 1; number <= 20; number += 1) {
      expect(goals.accept({ goalId: id(number), stampNs: BigInt(number) }, number)).toBe(true);
      goals.move(id(number), 'execute');
      goals.end(id(number), 'succeed', number, number);
    }
    expect(goals.resultOf(id(20))).toBe(20);
    expect(goals.resultOf(id(5))).toBe(5);
    expect(goals.stateOf(id(4))).toBeUndefined();
    goals.accept({ goalId: id(21), stampNs: 21n }, 900_021);
    expect(goals.stateOf(id(20))).toBeUndefined();
    expect(goals.stateOf(id(21))).toBe('accepted');
  });

  it('never leave the table, whatever is asked, and stay bounded', () => {
    const step = fc.record({
      act: fc.constantFrom('accept', ...goalEvents),
      goal: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const goals = new GoalSet<number>();
        for (const [now, { act, goal }] of steps.entries()) {
          const before = goals.stateOf(id(goal));
          if (act === 'accept') {
            const free = goals.active === undefined && before === undefined;
            expect(goals.accept({ goalId: id(goal), stampNs: BigInt(now) }, now)).toBe(free);
            continue;
          }
          const next = before && nextGoalState(before, act);
          if (next === undefined) expect(() => goals.move(id(goal), act)).toThrow('no step');
          else {
            goals.move(id(goal), act);
            expect(goals.stateOf(id(goal))).toBe(next);
          }
        }
        const statuses = goals.statuses();
        expect(statuses.length).toBeLessThanOrEqual(17);
        const open = [goalStatusNumbers.accepted, goalStatusNumbers.executing, goalStatusNumbers.canceling];
        expect(statuses.filter(({ status }) => (open as number[]).includes(status)).length).toBeLessThan(2);
      }),
    );
  });
});
