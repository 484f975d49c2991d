import { healthStates, problemTable } from './health-table.ts';

export type HealthState = keyof typeof healthStates;
export const healthStateNames = Object.keys(healthStates) as readonly HealthState[];
/** Online and not well. */
export const unwellStates = healthStateNames.filter((one) => one !== 'ok' && one !== 'offline');

export type ProblemKind = keyof typeof problemTable;
/** For a form: every problem with its words. */
export const problemKinds = Object.entries(problemTable).map(
  ([kind, { words }]) => [kind as ProblemKind, words] as const,
);

/** For the description of a schema. */
export const aboutOf = (table: Readonly<Record<string, { readonly about: string }>>) =>
  Object.entries(table)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join('; ');
