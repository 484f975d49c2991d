import { type Static, Type } from '@sinclair/typebox';
import { count, timeMs } from './scalars.ts';

const GateMetricResult = Type.Object({
  metric: Type.String(),
  label: Type.Optional(Type.String()),
  outcome: Type.String(),
  harm: Type.Number(),
  unit: Type.String(),
  /** A device can make up by itself what it alone measures. */
  seenBy: Type.Union([Type.Literal('device'), Type.Literal('controller')]),
  /** Of a pass: the only device of the wave or of its control. `hinges`: without it the others show a harm, so it is no pass. */
  alone: Type.Optional(Type.String()),
  hinges: Type.Optional(Type.String()),
  estimate: Type.Optional(Type.Number()),
  interval: Type.Optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
  pValue: Type.Optional(Type.Number()),
  treated: Type.Object({ subjects: count(), blocks: count() }),
  control: Type.Object({ subjects: count(), blocks: count() }),
  method: Type.String(),
  says: Type.String(),
  settle: Type.Optional(Type.String()),
});

export const GateResult = Type.Object(
  {
    timeMs: timeMs(),
    wave: Type.Integer({ minimum: 0 }),
    outcome: Type.Union([
      Type.Literal('pass'),
      Type.Literal('fail'),
      Type.Literal('inconclusive'),
      Type.Literal('no-data'),
    ]),
    says: Type.String(),
    settle: Type.Array(Type.String()),
    metrics: Type.Array(GateMetricResult),
  },
  { description: 'Result of the gate; estimates and intervals are harm, positive is worse' },
);
export type GateResult = Static<typeof GateResult>;

export const GateLookResult = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    from: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Looks from this one on were due, and were made as one' }),
    ),
    again: Type.Optional(
      Type.Boolean({ description: 'Set when a person resumed a rollout that the gate had paused' }),
    ),
    dueMs: timeMs('When it was to be made; of several that were made as one the first'),
    timeMs: timeMs('When it was made'),
    outcome: GateResult.properties.outcome,
    says: Type.String(),
    metrics: Type.Optional(
      Type.Array(Type.Pick(GateMetricResult, ['metric', 'label', 'outcome', 'estimate', 'interval']), {
        description: 'Absent in lists of rollouts',
      }),
    ),
  },
  { description: 'Result of one look of a gate' },
);
export type GateLookResult = Static<typeof GateLookResult>;
