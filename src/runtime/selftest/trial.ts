import { CancelledError, defined, describeError, GoshawkError } from '../../base/index.ts';

/** In the order of the table. */
export const trialGroups = [
  'addons',
  'engines',
  'decoders',
  'cameras',
  'sensors',
  'ros2',
  'disk',
  'watchdog',
] as const;
export type TrialGroup = (typeof trialGroups)[number];

/**
 * `works`: it was tried and did what it must. `absent`: this board does not have it. `fails`: it is there, or it is needed,
 * and did not do what it must. `untried`: it is there, and the selftest can't or must not try it.
 */
export type TrialState = 'works' | 'absent' | 'fails' | 'untried';

export interface Trial {
  readonly group: TrialGroup;
  readonly name: string;
  readonly state: TrialState;
  /** What was found, in words. */
  readonly detail: string;
  /** What to do about it; absent where nothing is to do. */
  readonly remedy?: string;
  /** By name with its unit, e.g. `p50Ms`. */
  readonly figures?: Readonly<Record<string, number>>;
  /** What the tried thing said of itself, for the report alone. */
  readonly log?: string[];
}

type Figures = Trial['figures'];

export const works = (group: TrialGroup, name: string, detail: string, figures?: Figures): Trial => ({
  group,
  name,
  state: 'works',
  detail,
  ...defined({ figures }),
});

function other(state: Exclude<TrialState, 'works'>) {
  return (group: TrialGroup, name: string, detail: string, remedy: string, figures?: Figures): Trial => ({
    group,
    name,
    state,
    detail,
    remedy,
    ...defined({ figures }),
  });
}

export const absent = other('absent');
export const fails = other('fails');
export const untried = other('untried');

const unexpected = 'Run it again with --debug, and send us the report.';

/** What a thrown value says of a trial: a thing that is not there is `absent`, anything else `fails`. */
export function failed(group: TrialGroup, name: string, error: unknown, missing = fails): Trial {
  const known = error instanceof GoshawkError ? error : undefined;
  const detail = known?.message ?? describeError(error);
  return missing(group, name, detail, known?.remedy || unexpected);
}

/** A trial never ends the selftest: what it throws becomes its row. But for the user who ends it. */
export async function attempt(
  group: TrialGroup,
  name: string,
  run: () => Promise<Trial | readonly Trial[]>,
): Promise<readonly Trial[]> {
  try {
    return [await run()].flat();
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return [failed(group, name, error)];
  }
}
