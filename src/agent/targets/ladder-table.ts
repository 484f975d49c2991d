/**
 * `pressure`: a promise is missed for want of room, or the machine is too hot. `calm`: neither, and no room. `quiet`: cool
 * and nothing missed, but what the last step took off may not fit again. `room`: it would fit.
 */
export type LadderSignal = 'pressure' | 'calm' | 'quiet' | 'room';
export const ladderSignals = ['pressure', 'calm', 'quiet', 'room'] as const satisfies LadderSignal[];

/** `settling`: a step was just made, and what it did is not in the numbers yet. */
export const ladderStates = ['holding', 'pressed', 'quiet', 'relieved', 'settling'] as const;
export type LadderState = (typeof ladderStates)[number];

interface LadderRow {
  readonly state: LadderState;
  readonly signal: LadderSignal;
  /** Whether the state lasted for its time; absent: either. */
  readonly due?: boolean;
  readonly next: LadderState;
  readonly step?: 'down' | 'up';
}

/** The step that a signal leads to when no other step is in progress. */
const begins = { pressure: 'pressed', calm: 'holding', quiet: 'quiet', room: 'relieved' } as const;

/** A state that lasts while its signal does, and then makes its step. */
function lasting(
  state: 'pressed' | 'quiet' | 'relieved',
  own: LadderSignal,
  step: 'down' | 'up',
): LadderRow[] {
  return ladderSignals.flatMap((signal): LadderRow[] =>
    signal !== own
      ? [{ state, signal, next: begins[signal] }]
      : [
          { state, signal, due: false, next: state },
          { state, signal, due: true, next: 'settling', step },
        ],
  );
}

/** Every state and signal, and what follows. A state that follows itself keeps its time. */
export const ladderTable: readonly LadderRow[] = [
  ...ladderSignals.map((signal): LadderRow => ({ state: 'holding', signal, next: begins[signal] })),
  ...lasting('pressed', 'pressure', 'down'),
  ...lasting('quiet', 'quiet', 'up'),
  ...lasting('relieved', 'room', 'up'),
  ...ladderSignals.flatMap((signal): LadderRow[] => [
    { state: 'settling', signal, due: false, next: 'settling' },
    { state: 'settling', signal, due: true, next: begins[signal] },
  ]),
];

export function ladderRow(state: LadderState, signal: LadderSignal, due: boolean): LadderRow {
  const row = ladderTable.find(
    (one) => one.state === state && one.signal === signal && (one.due ?? due) === due,
  );
  if (row === undefined) throw new RangeError(`the ladder has no row for ${state}, ${signal}, ${due}`);
  return row;
}
