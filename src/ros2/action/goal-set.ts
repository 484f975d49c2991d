import { InternalError } from '../../base/index.ts';
import type { GoalInfo, GoalStatus } from '../messages/actions.ts';
import {
  type GoalEvent,
  type GoalState,
  goalStatusNumbers,
  isGoalOver,
  nextGoalState,
} from './goal-table.ts';

/** Of action_msgs/srv/CancelGoal. */
export const cancelCodes = { none: 0, rejected: 1, unknownGoal: 2, goalOver: 3 } as const;

/** As rcl_action of Jazzy by default keeps results. */
const keptMs = 900_000;
const mostKept = 16;
const noGoal = '0'.repeat(32);

interface Goal<Result> extends GoalInfo {
  state: GoalState;
  result: Result | undefined;
  overMs: number;
}

/**
 * The goals of one action server.
 *
 * INVARIANTS
 * - One goal at a time is at work; another one meanwhile, and one whose id is known, is not accepted.
 * - A goal that is over stays as it is, with its result, for 15 minutes, and of those the last sixteen.
 */
export class GoalSet<Result> {
  readonly #goals = new Map<string, Goal<Result>>();

  /** False where it is not taken. */
  accept({ goalId, stampNs }: GoalInfo, nowMs: number): boolean {
    this.#forget(nowMs);
    if (this.#goals.has(goalId) || this.active !== undefined) return false;
    this.#goals.set(goalId, { goalId, stampNs, state: 'accepted', result: undefined, overMs: 0 });
    return true;
  }

  /** That is not over. */
  get active(): string | undefined {
    return [...this.#goals.values()].find(({ state }) => !isGoalOver(state))?.goalId;
  }

  stateOf(goalId: string): GoalState | undefined {
    return this.#goals.get(goalId)?.state;
  }

  /** Of a goal that is over. */
  resultOf(goalId: string): Result | undefined {
    return this.#goals.get(goalId)?.result;
  }

  move(goalId: string, event: GoalEvent): void {
    const goal = this.#goals.get(goalId);
    const next = goal && nextGoalState(goal.state, event);
    if (goal === undefined || next === undefined)
      throw new InternalError(
        'goal-step',
        `A goal in state ${goal?.state ?? 'unknown'} has no step ${event}.`,
        'Report this as a defect of Goshawk.',
      );
    goal.state = next;
  }

  end(goalId: string, event: 'succeed' | 'abort' | 'canceled', result: Result, nowMs: number): void {
    this.move(goalId, event);
    const goal = this.#goals.get(goalId)!;
    goal.result = result;
    goal.overMs = nowMs;
  }

  statuses(): GoalStatus[] {
    return [...this.#goals.values()].map(({ goalId, stampNs, state }) => ({
      ...{ goalId, stampNs, status: goalStatusNumbers[state] },
    }));
  }

  /**
   * Whom a request to cancel means, by the rules of action_msgs: a goal by its id, those accepted up to a time, both, or
   * with neither all of them. `code`: why it means none that can be cancelled.
   */
  meant({ goalId, stampNs }: GoalInfo): { readonly goals: readonly GoalInfo[]; readonly code: number } {
    const all = goalId === noGoal && stampNs === 0n;
    const meant = [...this.#goals.values()].filter(
      (goal) => all || goal.goalId === goalId || (stampNs !== 0n && goal.stampNs <= stampNs),
    );
    const goals = meant.filter(({ state }) => nextGoalState(state, 'cancel') !== undefined);
    if (goals.length > 0) return { goals: goals.map(infoOf), code: cancelCodes.none };
    if (goalId === noGoal) return { goals: [], code: cancelCodes.none };
    return { goals: [], code: meant.length > 0 ? cancelCodes.goalOver : cancelCodes.unknownGoal };
  }

  #forget(nowMs: number): void {
    const over = [...this.#goals.values()].filter(({ state }) => isGoalOver(state));
    const tooMany = Math.max(0, over.length - (mostKept - 1));
    for (const [at, { goalId, overMs }] of over.entries())
      if (at < tooMany || nowMs - overMs > keptMs) this.#goals.delete(goalId);
  }
}

function infoOf({ goalId, stampNs }: GoalInfo): GoalInfo {
  return { goalId, stampNs };
}
