import { type Static, Type } from '@sinclair/typebox';
import { Labels } from './labels.ts';
import { RolloutPolicy } from './rollout-policy.ts';
import { closed } from './scalars.ts';

/** The wanted state of a fleet, as a file in a repository. */
export const FleetFile = Type.Object(
  {
    labels: Type.Optional(
      Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Labels, {
        maxProperties: 10_000,
        description: 'By id of the device',
      }),
    ),
    groups: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$' }),
        Type.Object(
          { members: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10_000, uniqueItems: true }) },
          closed,
        ),
        { maxProperties: 1_000, description: 'By name' },
      ),
    ),
    rollouts: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$' }), RolloutPolicy, {
        maxProperties: 200,
        description: 'By name. One that was made is not changed: give the next one another name',
      }),
    ),
  },
  { ...closed, description: 'Labels, groups and rollouts of a fleet' },
);
export type FleetFile = Static<typeof FleetFile>;
