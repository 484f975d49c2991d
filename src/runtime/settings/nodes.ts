import { Type } from '@sinclair/typebox';
import { buildGraph, maxNodes, type NodeSettings } from '../../perception/index.ts';
import { Reidentification } from '../../protocol/index.ts';
import { readJsonFile } from './json-file.ts';
import { checkSettings } from './read.ts';

const name = { pattern: '^[a-z][a-z0-9-]{0,31}$' };
const share = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1, description }));
const closed = { additionalProperties: false };

const Crops = Type.Object(
  {
    node: Type.String({ ...name, description: 'The node whose boxes are cut out' }),
    classes: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'Labels; default all' })),
    minScore: share('Smallest score of such a box'),
    expand: Type.Optional(
      Type.Number({ minimum: 0, maximum: 4, description: 'Widens the box by this share of its sides' }),
    ),
    maxCrops: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'Strongest boxes of a frame; default 16' }),
    ),
    rotate: Type.Optional(
      Type.Boolean({ description: 'A rotated box is cut out along its sides and comes upright' }),
    ),
  },
  closed,
);

/** One node of a camera's graph: docs/pipelines.md. */
const NodeSetting = Type.Object(
  {
    name: Type.String({ ...name, description: 'Name of the node' }),
    slot: Type.Optional(Type.String({ ...name, description: 'Slot whose model runs; default `main`' })),
    input: Type.Optional(
      Type.Union([Type.Literal('frame'), Crops], { description: 'Input of the node; default `frame`' }),
    ),
    every: Type.Optional(Type.Integer({ minimum: 1, description: 'Every n-th frame' })),
    onMotion: Type.Optional(
      Type.Union(
        [Type.Literal(true), Type.Object({ threshold: Type.Number({ minimum: 0, maximum: 1 }) }, closed)],
        {
          description: 'Run only when something moved',
        },
      ),
    ),
    weight: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description: 'Turns under overload, beside the others',
      }),
    ),
    deadlineMs: Type.Optional(
      Type.Number({ minimum: 1, description: 'Milliseconds from the arrival of a frame to the result' }),
    ),
    role: Type.Optional(Type.Union([Type.Literal('serve'), Type.Literal('shadow')])),
    against: Type.Optional(
      Type.String({ ...name, description: 'For a shadow: node that it is compared with' }),
    ),
    budget: share('For a shadow: its share of the engines’ time; default 0.1'),
    reid: Type.Optional(Type.Object(Reidentification.properties, { ...Reidentification, ...closed })),
    settings: Type.Optional(
      Type.Object(
        {
          scoreThreshold: share('Smallest score'),
          iouThreshold: share('Overlap above which the weaker box is dropped'),
          maxDetections: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
          classes: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
        },
        { ...closed, description: 'Thresholds of this node' },
      ),
    ),
  },
  { ...closed, description: 'One node of the graph' },
);

const Graph = Type.Array(NodeSetting, { minItems: 1, maxItems: maxNodes });

/** The nodes of a file of `goshawk run --graph`: a list of nodes. Rejects with every mistake, or what is wrong with the graph. */
export async function readGraphFile(path: string): Promise<readonly NodeSettings[]> {
  const holds = 'It holds a list of nodes: docs/pipelines.md has one to begin with.';
  const value = await readJsonFile(path, holds);
  const nodes = checkSettings(Graph, value, path) as readonly NodeSettings[];
  buildGraph(nodes);
  return nodes;
}
