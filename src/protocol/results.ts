import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox';
import { SlotName } from './slots.ts';

/*
 * One result as every program reads it: the JSON of `goshawk run`, the topic `results`, and every stream (docs/streams.md).
 * A field is added here, and made in src/streams/result-message.ts; settings and docs follow.
 */

const text = (description: string) => Type.String({ maxLength: 256, description });
const score = Type.Number({ minimum: 0, maximum: 1, description: '0..1' });
const milliseconds = (description: string) => Type.Number({ description });

const Attribute = Type.Object(
  { node: text('Node of the graph that classified'), label: text('Name of the class'), score },
  { description: 'Result of a classifier for a detection' },
);

const found = {
  label: text('Name of the class'),
  classId: Type.Integer({ minimum: 0, description: 'Index into the labels of the model' }),
  score,
  box: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
    description: 'x1, y1, x2, y2 in pixels of the frame; x to the right, y down',
  }),
  rotated: Type.Optional(
    Type.Object(
      {
        ...{ cx: Type.Number(), cy: Type.Number(), width: Type.Number(), height: Type.Number() },
        angle: Type.Number({ description: 'Radians, from x towards y' }),
      },
      { description: 'The rotated box, if the model gives one; `box` is upright around it' },
    ),
  ),
  mask: Type.Optional(
    Type.Array(Type.Array(Type.Number()), {
      description: 'Outlines of the object, each x, y, x, y, ... in pixels of the frame',
    }),
  ),
  keypoints: Type.Optional(
    Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 3 }), {
      description: 'x, y and, where the model says it, its score, in the order of the training',
    }),
  ),
  depth: Type.Optional(
    Type.Object(
      {
        gives: Type.Union([Type.Literal('metres'), Type.Literal('disparity')]),
        columns: Type.Integer({ minimum: 1 }),
        rows: Type.Integer({ minimum: 1 }),
        values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
          description: 'Row by row at the middles of the cells of the box; null: not known',
        }),
      },
      { description: 'Coarse map of a depth model; the whole map is on ROS' },
    ),
  ),
  data: Type.Optional(
    Type.Unknown({ description: 'JSON that the module of the bundle made of the outputs of its network' }),
  ),
  embedding: Type.Optional(Type.Array(Type.Number(), { description: 'Vector of a model of embeddings' })),
  attributes: Type.Optional(Type.Array(Attribute)),
  embeddings: Type.Optional(
    Type.Array(
      Type.Object({ node: text('Node of the graph that made it'), values: Type.Array(Type.Number()) }),
      { description: 'Vectors that nodes made of the pixels of a detection' },
    ),
  ),
};

/** Found inside of another detection; it may hold more of them. */
const Child = Type.Recursive(
  (This) =>
    Type.Object({
      node: text('Node of the graph that found it'),
      ...found,
      children: Type.Optional(Type.Array(This)),
    }),
  { $id: 'ChildDetection', description: 'Detection that another node of the graph found inside a detection' },
);

const ResultDetection = Type.Object({
  ...found,
  trackId: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'Id of the object over frames; unique per camera and node since the start',
    }),
  ),
  identity: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'Id of the object by its looks, the same in all cameras of the device; from a node with `reid`',
    }),
  ),
  children: Type.Optional(Type.Array(Child)),
});

const seconds = (description: string) => Type.Number({ minimum: 0, description });
const count = (description: string) => Type.Integer({ minimum: 0, description });

/** What happened in a zone or at a line: which fields there are follows from `kind`. */
const RuleEvent = Type.Object({
  kind: Type.Union(
    (['entered', 'left', 'dwell', 'speeding', 'crowded', 'absent', 'crossed'] as const).map((kind) =>
      Type.Literal(kind),
    ),
  ),
  stampNs: Type.String({ pattern: '^-?[0-9]{1,20}$', description: 'When it began; may be before the frame' }),
  zone: Type.Optional(text('Name of the zone')),
  line: Type.Optional(text('Name of the line')),
  direction: Type.Optional(Type.Union([Type.Literal('in'), Type.Literal('out')])),
  inside: Type.Optional(count('Objects in the zone, as of the frame')),
  trackId: Type.Optional(count('Track that caused it')),
  label: Type.Optional(text('Its class')),
  speed: Type.Optional(seconds('Heights of the picture per second')),
  dwellSeconds: Type.Optional(seconds('Time that the object has been inside')),
  seconds: Type.Optional(seconds('Time without an object inside')),
  lost: Type.Optional(Type.Boolean({ description: 'Its track ended inside' })),
});

const ResultRules = Type.Object(
  {
    zones: Type.Array(
      Type.Object({
        name: text('Name of the zone'),
        ...{ inside: count('Now'), entered: count('So far'), left: count('So far') },
      }),
    ),
    lines: Type.Array(
      Type.Object({ name: text('Name of the line'), ...{ in: count('So far'), out: count('So far') } }),
    ),
    events: Type.Array(RuleEvent, { description: 'Events of this frame' }),
  },
  { description: 'Counts and events of the camera’s zones and lines (docs/zones.md)' },
);
export type ResultRules = Static<typeof ResultRules>;

export const ResultMessage = Type.Object(
  {
    type: Type.Literal('frame', { description: 'Kind of message; readers skip kinds that they do not know' }),
    camera: text('Name of the camera'),
    node: Type.Optional(text('Node of the camera’s graph that detected')),
    slot: Type.Optional(SlotName),
    sequence: Type.Integer({ minimum: 0, description: 'Frame of the camera, from 0' }),
    stampNs: Type.String({
      pattern: '^-?[0-9]{1,20}$',
      description: 'When the picture was taken, nanoseconds since 1970; text, as it does not fit a double',
    }),
    frameId: text('frame_id of ROS'),
    model: Type.Object(
      { name: text('Name of the bundle'), version: text('Its version'), digest: text('sha256:...') },
      { description: 'The model that detected' },
    ),
    origin: Type.Optional(
      Type.Object(
        {
          name: Type.String({ description: 'File of the recording' }),
          index: Type.Integer({ description: 'Index of the picture in it, from 0' }),
          timeMs: Type.Optional(milliseconds('Time from the beginning of the recording')),
        },
        { description: 'Position of the frame in a recording' },
      ),
    ),
    width: Type.Integer({ minimum: 1, description: 'Width of the frame in pixels' }),
    height: Type.Integer({ minimum: 1, description: 'Height of the frame in pixels' }),
    detections: Type.Array(ResultDetection),
    rules: Type.Optional(ResultRules),
    timings: Type.Object({
      preprocessMs: milliseconds('Letterbox and normalise'),
      inferMs: milliseconds('The network'),
      postprocessMs: milliseconds('Decode and NMS'),
    }),
    captureToPublishMs: milliseconds('From the stamp of the frame to this result'),
  },
  { title: 'Goshawk result', description: 'Detections of one node of one camera in one frame' },
);
export type ResultMessage = Static<typeof ResultMessage>;

/** Always sent: without them a message says nothing. */
const always = ['type', 'camera', 'sequence', 'stampNs', 'detections', 'label', 'node'];

/** What may be left out of a message by settings: its own fields, and those of its detections. */
export const resultFields: readonly string[] = [
  ...Object.keys(ResultMessage.properties),
  ...Object.keys(ResultDetection.properties),
].filter((field) => !always.includes(field));

type Sent<T, Always extends keyof T> = Partial<T> & Pick<T, Always>;
export type SentDetection = Sent<Static<typeof ResultDetection>, 'label'>;
export type SentResult = Sent<
  Omit<ResultMessage, 'detections'>,
  'type' | 'camera' | 'sequence' | 'stampNs'
> & { readonly detections: readonly SentDetection[] };

/** A message as it may be sent: what settings leave out is absent. */
export const SentResult = Type.Unsafe<SentResult>(
  Type.Object(
    {
      ...optionalBut(ResultMessage),
      detections: Type.Array(Type.Object(optionalBut(ResultDetection))),
    },
    { title: 'Goshawk result', description: `${ResultMessage.description}; streams may leave out fields` },
  ),
);

function optionalBut({ properties }: TObject): TProperties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      resultFields.includes(name) ? Type.Optional(schema) : schema,
    ]),
  );
}
