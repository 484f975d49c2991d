import { type Static, Type } from '@sinclair/typebox';
import { Name } from './scalars.ts';
import { SlotName, SlotRole } from './slots.ts';

const NodeName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'Name of a node of a camera',
});

/** What a node looks at: whole frames, or what another node of the camera found in them. */
const NodeInput = Type.Union([
  Type.Literal('frame'),
  Type.Object({
    node: NodeName,
    classes: Type.Optional(
      Type.Array(Name, { maxItems: 1000, description: 'Classes of that node; absent: all' }),
    ),
    minScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    expand: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 4,
        description: 'How much larger the crop is, as a share of the box',
      }),
    ),
    maxCrops: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 256,
        description: 'Most boxes of one frame, those with the highest score first',
      }),
    ),
    rotate: Type.Optional(Type.Boolean({ description: 'A rotated box comes upright' })),
  }),
]);

/** How a node tells again who is who by looks. */
export const Reidentification = Type.Object(
  {
    maxDistance: Type.Optional(
      Type.Number({ minimum: 0, maximum: 2, description: 'Largest cosine distance of the same; 0.25' }),
    ),
    weight: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Weight of looks beside motion; 0.5' }),
    ),
    keepSeconds: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 86_400,
        description: 'Seconds after which an absent object is forgotten; 30',
      }),
    ),
  },
  { description: 'For a model of embeddings: tracks follow looks, too' },
);

/** One step of a camera's graph: a model of a slot over frames or crops; without them `main` over frames. */
export const PipelineNode = Type.Object({
  name: NodeName,
  slot: Type.Optional(SlotName),
  input: Type.Optional(NodeInput),
  every: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Every n-th frame' })),
  onMotion: Type.Optional(
    Type.Union([Type.Literal(true), Type.Object({ threshold: Type.Number({ minimum: 0, maximum: 1 }) })]),
  ),
  weight: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: 'Share of the engines under overload' }),
  ),
  deadlineMs: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600_000 })),
  role: Type.Optional(SlotRole),
  against: Type.Optional({ ...NodeName, description: 'For a shadow: the node that it is compared with' }),
  budget: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: "For a shadow: its share of the engines' time" }),
  ),
  reid: Type.Optional(Reidentification),
  settings: Type.Optional(
    Type.Object(
      {
        scoreThreshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        iouThreshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        maxDetections: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        classes: Type.Optional(Type.Array(Name, { maxItems: 1000 })),
      },
      { description: 'Thresholds of this node; absent: those of the camera' },
    ),
  ),
});
export type PipelineNode = Static<typeof PipelineNode>;
