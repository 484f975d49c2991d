import { type Static, Type } from '@sinclair/typebox';
import { aboutOf, healthStateNames, problemKinds, type HealthState as State } from './health.ts';
import { healthStates, problemTable } from './health-table.ts';
import { count } from './scalars.ts';

export const ProblemKind = Type.Union(
  problemKinds.map(([kind]) => Type.Literal(kind)),
  { description: aboutOf(problemTable) },
);
export const HealthState = Type.Union(
  healthStateNames.map((state) => Type.Literal(state)),
  { description: aboutOf(healthStates) },
);
const counts = Object.fromEntries(healthStateNames.map((state) => [state, count()]));
export const HealthCounts = Type.Object(counts as Record<State, ReturnType<typeof count>>, {
  description: 'Devices by their health',
});
export type HealthCounts = Static<typeof HealthCounts>;
