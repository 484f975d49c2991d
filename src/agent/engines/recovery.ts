/** What is done about an engine that gives no answers, wrong ones, or fails every frame: first the mildest step, then the next. */
export type RecoveryState =
  | 'serving'
  /** The same engine is being built anew. */
  | 'rebuilding'
  | 'rebuilt'
  /** Another engine is being opened. */
  | 'changing'
  | 'changed'
  /** Nothing of this process helps. */
  | 'ending'
  | 'given-up';

export const recoveryEvents = [
  /** A frame got no answer within its time. */
  'stuck',
  /** Every frame fails. */
  'failing',
  /** No engine of this kind works again in this process. */
  'process-lost',
  /** The golden set does not come out as it must, and it did before. */
  'wrong',
  /** The golden set never came out as it must: a new process would begin like this one. */
  'wrong-from-start',
  /** The step that is under way came to its end. */
  'done',
  'failed',
  /** It did well for a while after a step. */
  'well',
  /** Another model serves, or is about to: the count begins anew. */
  'deployed',
] as const;
export type RecoveryEvent = (typeof recoveryEvents)[number];

export type RecoveryAction = 'none' | 'rebuild' | 'change-engine' | 'end-process' | 'tell';

export type RecoveryRow = readonly [
  state: RecoveryState,
  event: RecoveryEvent,
  next: RecoveryState,
  action: RecoveryAction,
];

/** Pairs that are missing here change nothing: the work is in progress, or already reported. */
export const recoveryTable: readonly RecoveryRow[] = [
  ['serving', 'stuck', 'rebuilding', 'rebuild'],
  ['serving', 'failing', 'rebuilding', 'rebuild'],
  ['serving', 'wrong', 'rebuilding', 'rebuild'],
  ['serving', 'wrong-from-start', 'rebuilding', 'rebuild'],
  ['serving', 'process-lost', 'ending', 'end-process'],

  ['rebuilding', 'done', 'rebuilt', 'none'],
  ['rebuilding', 'failed', 'changing', 'change-engine'],
  ['rebuilding', 'deployed', 'serving', 'none'],
  ['rebuilding', 'process-lost', 'ending', 'end-process'],
  ['rebuilt', 'stuck', 'changing', 'change-engine'],
  ['rebuilt', 'failing', 'changing', 'change-engine'],
  ['rebuilt', 'wrong', 'changing', 'change-engine'],
  ['rebuilt', 'wrong-from-start', 'changing', 'change-engine'],
  ['rebuilt', 'well', 'serving', 'none'],
  ['rebuilt', 'deployed', 'serving', 'none'],
  ['rebuilt', 'process-lost', 'ending', 'end-process'],

  ['changing', 'done', 'changed', 'none'],
  ['changing', 'failed', 'ending', 'end-process'],
  ['changing', 'deployed', 'serving', 'none'],
  ['changing', 'process-lost', 'ending', 'end-process'],
  ['changed', 'stuck', 'ending', 'end-process'],
  ['changed', 'failing', 'ending', 'end-process'],
  ['changed', 'wrong', 'ending', 'end-process'],
  ['changed', 'wrong-from-start', 'given-up', 'tell'],
  ['changed', 'well', 'serving', 'none'],
  ['changed', 'deployed', 'serving', 'none'],
  ['changed', 'process-lost', 'ending', 'end-process'],

  ['given-up', 'stuck', 'ending', 'end-process'],
  ['given-up', 'failing', 'ending', 'end-process'],
  ['given-up', 'process-lost', 'ending', 'end-process'],
  ['given-up', 'well', 'serving', 'none'],
  ['given-up', 'deployed', 'serving', 'none'],
];

const rows = new Map(
  recoveryTable.map(([state, event, next, action]) => [`${state} ${event}`, { next, action }]),
);

export interface RecoveryStep {
  readonly next: RecoveryState;
  readonly action: RecoveryAction;
}

export function recoveryStep(state: RecoveryState, event: RecoveryEvent): RecoveryStep {
  return rows.get(`${state} ${event}`) ?? { next: state, action: 'none' };
}
