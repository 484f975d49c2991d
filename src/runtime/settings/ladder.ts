import { type Static, Type } from '@sinclair/typebox';
import { VariantKind } from '../../model/index.ts';

const cameras = Type.Optional(
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 64, description: 'Default: all' }),
);

const step = <S extends string>(name: S, description: string) => Type.Literal(name, { description });

/** One step of the ladder, as a user writes it. */
export const LadderStepSetting = Type.Union([
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
        'Taken one after the other while a target is missed for want of room or the board is hot, and undone the other way round: `{"step": "pace"}`, `{"step": "every", "frames": 2, "cameras": ["rear"]}`, `{"step": "preview", "maxFps": 1}`, `{"step": "slot", "slot": "light"}`, `{"step": "variant"}`, `{"step": "nodes", "without": ["plate"]}`, `{"step": "off", "cameras": ["rear"]}`; see docs/targets.md',
    }),
    hotCelsius: Type.Number({
      minimum: 30,
      maximum: 120,
      default: 85,
      description: 'A step is taken at this heat of the hottest zone, before the board slows itself down',
    }),
    marginCelsius: Type.Number({
      minimum: 1,
      maximum: 50,
      default: 8,
      description: 'So much below it a step may be undone',
    }),
    pressedSeconds: Type.Number({
      minimum: 5,
      maximum: 3600,
      default: 15,
      description: 'A target is missed for so long before a step is taken',
    }),
    relievedSeconds: Type.Number({
      minimum: 10,
      maximum: 86_400,
      default: 120,
      description:
        'There is room for so long before a step is undone; longer after one that was undone too early',
    }),
    settleSeconds: Type.Number({
      minimum: 5,
      maximum: 3600,
      default: 15,
      description: 'After a step nothing is decided for so long',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'How the device gives way when it can not hold `targetFps` and `maxLatencyMs`',
  },
);
export type LadderSettings = Static<typeof LadderSettings>;
