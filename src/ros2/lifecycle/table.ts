import type { LifecycleState, Transition, TransitionDescription } from '../messages/lifecycle.ts';

/** Numbers of lifecycle_msgs/msg/State. */
const numbers = {
  unknown: 0,
  unconfigured: 1,
  inactive: 2,
  active: 3,
  finalized: 4,
  configuring: 10,
  cleaningup: 11,
  shuttingdown: 12,
  activating: 13,
  deactivating: 14,
  errorprocessing: 15,
} as const;

export type StateLabel = keyof typeof numbers;
export type Outcome = 'success' | 'failure' | 'error';

export function lifecycleState(label: StateLabel): LifecycleState {
  return { id: numbers[label], label };
}

/** All states, in the order of rcl_lifecycle. */
export const lifecycleStates: readonly LifecycleState[] = (Object.keys(numbers) as StateLabel[]).map(
  lifecycleState,
);

interface Row {
  readonly id: number;
  readonly label: string;
  readonly from: StateLabel;
  readonly to: StateLabel;
}

const after = (
  id: number,
  from: StateLabel,
  success: StateLabel,
  failure: StateLabel,
  error: StateLabel,
): Row[] => [
  { id, label: 'transition_success', from, to: success },
  { id: id + 1, label: 'transition_failure', from, to: failure },
  { id: id + 2, label: 'transition_error', from, to: error },
];

/** Every transition, with the numbers of lifecycle_msgs/msg/Transition and in the order of rcl_lifecycle. */
const rows: readonly Row[] = [
  { id: 1, label: 'configure', from: 'unconfigured', to: 'configuring' },
  ...after(10, 'configuring', 'inactive', 'unconfigured', 'errorprocessing'),
  { id: 2, label: 'cleanup', from: 'inactive', to: 'cleaningup' },
  ...after(20, 'cleaningup', 'unconfigured', 'inactive', 'errorprocessing'),
  { id: 3, label: 'activate', from: 'inactive', to: 'activating' },
  ...after(30, 'activating', 'active', 'inactive', 'errorprocessing'),
  { id: 4, label: 'deactivate', from: 'active', to: 'deactivating' },
  ...after(40, 'deactivating', 'inactive', 'active', 'errorprocessing'),
  { id: 5, label: 'shutdown', from: 'unconfigured', to: 'shuttingdown' },
  { id: 6, label: 'shutdown', from: 'inactive', to: 'shuttingdown' },
  { id: 7, label: 'shutdown', from: 'active', to: 'shuttingdown' },
  ...after(50, 'shuttingdown', 'finalized', 'finalized', 'errorprocessing'),
  ...after(60, 'errorprocessing', 'unconfigured', 'finalized', 'finalized'),
];

const describeRow = ({ id, label, from, to }: Row): TransitionDescription => ({
  transition: { id, label },
  start: lifecycleState(from),
  goal: lifecycleState(to),
});

export const transitionGraph: readonly TransitionDescription[] = rows.map(describeRow);

export function availableTransitions(state: StateLabel): TransitionDescription[] {
  return rows.filter(({ from }) => from === state).map(describeRow);
}

/** The requested transition: by its label in this state, otherwise by its number; undefined for none. */
export function requestedTransition(
  state: StateLabel,
  { id, label }: Transition,
): (TransitionDescription & { readonly to: StateLabel }) | undefined {
  const outside = rows.filter((row) => row.from === state && row.id < 10);
  const row = outside.find((each) => (label === '' ? each.id === id : each.label === label));
  return row === undefined ? undefined : { ...describeRow(row), to: row.to };
}

/** Where the work of a state ends. */
export function concluded(
  state: StateLabel,
  outcome: Outcome,
): TransitionDescription & { readonly to: StateLabel } {
  const row = rows.find(({ from, label }) => from === state && label === `transition_${outcome}`);
  if (row === undefined) throw new RangeError(`${state} ends with no ${outcome}`);
  return { ...describeRow(row), to: row.to };
}
