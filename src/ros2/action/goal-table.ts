/** Numbers of action_msgs/msg/GoalStatus. */
export const goalStatusNumbers = {
  unknown: 0,
  accepted: 1,
  executing: 2,
  canceling: 3,
  succeeded: 4,
  canceled: 5,
  aborted: 6,
} as const;

export type GoalState = Exclude<keyof typeof goalStatusNumbers, 'unknown'>;
export const goalEvents = ['execute', 'cancel', 'succeed', 'abort', 'canceled'] as const;
export type GoalEvent = (typeof goalEvents)[number];

/** Life of a goal as rcl_action has it; every pair that is not here is none. */
export const goalTable: readonly (readonly [state: GoalState, event: GoalEvent, next: GoalState])[] = [
  ['accepted', 'execute', 'executing'],
  ['accepted', 'cancel', 'canceling'],
  ['executing', 'cancel', 'canceling'],
  ['executing', 'succeed', 'succeeded'],
  ['executing', 'abort', 'aborted'],
  ['canceling', 'succeed', 'succeeded'],
  ['canceling', 'abort', 'aborted'],
  ['canceling', 'canceled', 'canceled'],
];

const nextOf = new Map(goalTable.map(([state, event, next]) => [`${state} ${event}`, next]));

/** Undefined for a pair that the table does not have. */
export function nextGoalState(state: GoalState, event: GoalEvent): GoalState | undefined {
  return nextOf.get(`${state} ${event}`);
}

/** Nothing comes after it. */
export function isGoalOver(state: GoalState): boolean {
  return goalEvents.every((event) => nextGoalState(state, event) === undefined);
}
