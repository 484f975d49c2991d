import { type Static, Type } from '@sinclair/typebox';
import { VariantKind } from '../../model/index.ts';

const cameras = Type.Optional(
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 64, description: 'Default: all' }),
);

const step = <S extends string>(name: S, description: string) => Type.Literal(name, { description });

/** One step of the ladder, as a user writes it. */
const LadderStepSetting = Type.Union([
  Type.Object(
    { step: step('pace', 'No more frames than `targetFps`'), cameras },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      step: step('every', 'Every n-th frame'),
      frames: Type.Integer({ minimum: 2, maximum: 100 }),
      cameras,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      step: step('preview', 'Live pictures a second at most'),
      maxFps: Type.Number({ exclusiveMinimum: 0, maximum: 15 }),
      cameras,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      step: step('slot', 'The model of this slot in place of the main one, while it is loaded'),
      slot: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
      cameras,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      step: step('nodes', 'These nodes of the graph rest'),
      without: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { minItems: 1, maxItems: 32 }),
      cameras,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      step: step('variant', 'A lighter variant of the model of a slot'),
      slot: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'Default: main' })),
      variant: Type.Optional(VariantKind),
    },
    { additionalProperties: false },
  ),
  Type.Object({ step: step('off', 'No frames at all'), cameras }, { additionalProperties: false }),
]);

export const LadderSettings = Type.Object(
  {
    steps: Type.Array(LadderStepSetting, {
      maxItems: 16,
      default: [],
      description:
        'Steps that the agent takes one after the other while the machine is too busy to hold a target or too hot, and undoes in reverse: `{"step": "pace"}`, `{"step": "every", "frames": 2, "cameras": ["rear"]}`, `{"step": "preview", "maxFps": 1}`, `{"step": "slot", "slot": "light"}`, `{"step": "variant"}`, `{"step": "nodes", "without": ["plate"]}`, `{"step": "off", "cameras": ["rear"]}`; see docs/targets.md',
    }),
    hotCelsius: Type.Number({
      minimum: 30,
      maximum: 120,
      default: 85,
      description:
        'Temperature of the hottest zone at which the agent takes a step, before the board throttles',
    }),
    marginCelsius: Type.Number({
      minimum: 1,
      maximum: 50,
      default: 8,
      description: 'Degrees below `hotCelsius` at which the agent may undo a step',
    }),
    pressedSeconds: Type.Number({
      minimum: 5,
      maximum: 3600,
      default: 15,
      description: 'Time that a target is missed before the agent takes a step',
    }),
    relievedSeconds: Type.Number({
      minimum: 10,
      maximum: 86_400,
      default: 120,
      description:
        'Time with room to spare before the agent undoes a step; longer after a step that it undid too early',
    }),
    settleSeconds: Type.Number({
      minimum: 5,
      maximum: 3600,
      default: 15,
      description: 'Time after a step before the agent decides again',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Steps that reduce the load when the device cannot hold `targetFps` and `maxLatencyMs`',
  },
);
export type LadderSettings = Static<typeof LadderSettings>;
