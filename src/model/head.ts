import { type Static, Type } from '@sinclair/typebox';

/*
 * How a network writes what it says, as a record of its bundle: one interpreter reads every family from it, so a device runs a
 * head that is newer than itself. Shapes: a tensor is 1 x ...; a row is what the network says of one box (or of the picture).
 */

/**
 * What a model gives: boxes, rotated boxes (`obb`), boxes with masks or with points, the class or the depth of every place, what
 * the whole picture shows, a vector that tells alike pictures, the text of a line; or its outputs as they are (`tensor`), for a module that its user brings.
 */
export const ModelTask = Type.Union([
  Type.Literal('detection'),
  Type.Literal('obb'),
  Type.Literal('instance-segmentation'),
  Type.Literal('pose'),
  Type.Literal('semantic-segmentation'),
  Type.Literal('depth'),
  Type.Literal('classification'),
  Type.Literal('embedding'),
  Type.Literal('text'),
  Type.Literal('tensor'),
]);
export type ModelTask = Static<typeof ModelTask>;

const Name = Type.String({ minLength: 1, maxLength: 300 });
const Index = Type.Integer({ minimum: 0, maximum: 1_000_000 });
const strict = { additionalProperties: false } as const;

export const HeadOutput = Type.Object(
  {
    tensors: Type.Array(Name, {
      minItems: 1,
      maxItems: 8,
      description: 'One that has all rows, or one per stride of the grid',
    }),
    axis: Type.Union(
      [Type.Literal('last'), Type.Literal('first'), Type.Literal('none'), Type.Literal('all')],
      {
        description:
          'Axis of the values of a row: last (1 x N x V, 1 x H x W x V), first (1 x V x N, 1 x V x H x W), none: one value per row, or all: one row has them all',
      },
    ),
    values: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'V' }),
    unbatched: Type.Optional(
      Type.Boolean({ description: 'Its shapes lack the first axis, that of the pictures in a run' }),
    ),
  },
  strict,
);
export type HeadOutput = Static<typeof HeadOutput>;

const Activation = Type.Union([Type.Literal('sigmoid'), Type.Literal('tanh'), Type.Literal('exp')]);

/** value = (activation(raw * gain) * scale + bias) ^ power */
export const Transform = Type.Object(
  {
    gain: Type.Optional(Type.Number()),
    activation: Type.Optional(Activation),
    scale: Type.Optional(Type.Number()),
    bias: Type.Optional(Type.Number()),
    power: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 8 })),
  },
  strict,
);
export type Transform = Static<typeof Transform>;

const BoxUnit = Type.Union([
  Type.Literal('pixels'),
  Type.Literal('fraction'),
  Type.Literal('cells'),
  Type.Literal('anchor'),
]);

export const HeadBoxes = Type.Object(
  {
    output: Index,
    at: Index,
    format: Type.Union(
      [Type.Literal('cxcywh'), Type.Literal('xyxy'), Type.Literal('yxyx'), Type.Literal('ltrb')],
      { description: 'ltrb: distances from the point of the cell to the four sides' },
    ),
    unit: Type.Union(BoxUnit.anyOf, {
      description:
        'Unit of the values: pixels of the input, fraction of the input, cells (times the stride), or sides of the anchor',
    }),
    sizeUnit: Type.Optional(
      Type.Union(BoxUnit.anyOf, { description: 'Unit of width and height, if it is another one' }),
    ),
    relative: Type.Optional(
      Type.Boolean({ description: 'The centre is counted from the point of the cell' }),
    ),
    bins: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 64,
        description: 'Each value is the mean of a distribution over so many bins (DFL)',
      }),
    ),
    centre: Type.Optional(Transform),
    size: Type.Optional(Transform),
  },
  strict,
);
export type HeadBoxes = Static<typeof HeadBoxes>;

export const HeadScores = Type.Object(
  {
    output: Index,
    at: Index,
    activation: Type.Optional(Type.Union([Type.Literal('sigmoid'), Type.Literal('softmax')])),
    background: Type.Optional(
      Type.Union([Type.Literal('before'), Type.Literal('after')], {
        description: 'One more value before or after the classes, for nothing at all',
      }),
    ),
    power: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 8 })),
  },
  strict,
);
export type HeadScores = Static<typeof HeadScores>;

/** `metres` along the optical axis; or `disparity`: larger is nearer, a / (value + b) are metres with an a and b that nobody knows. */
export const DepthKind = Type.Union([Type.Literal('metres'), Type.Literal('disparity')]);
export type DepthKind = Static<typeof DepthKind>;

/** What `OutputContract` has beside the name of the family. */
export const headFields = {
  outputs: Type.Array(HeadOutput, { minItems: 1, maxItems: 8 }),
  boxes: Type.Optional(HeadBoxes),
  scores: Type.Optional(HeadScores),
  objectness: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        activation: Type.Optional(Type.Literal('sigmoid')),
        power: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 8 })),
      },
      { ...strict, description: 'The score is objectness ^ power times class ^ power' },
    ),
  ),
  classes: Type.Optional(
    Type.Object(
      { output: Index, at: Index, first: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })) },
      {
        ...strict,
        description: 'The network names the class of a row, counted from `first`; it gives one score',
      },
    ),
  ),
  angle: Type.Optional(
    Type.Object(
      { output: Index, at: Index },
      {
        ...strict,
        description:
          'The boxes are rotated around their centres: radians from the x axis to the side that is the width, clockwise in the picture',
      },
    ),
  ),
  masks: Type.Optional(
    Type.Object(
      { output: Index, at: Index, prototypes: Index },
      {
        ...strict,
        description:
          'The mask of a box: sigmoid of the sum of the prototypes (an output 1 x K x H x W over the whole input), each times one of the K values of the row',
      },
    ),
  ),
  keypoints: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        count: Type.Integer({ minimum: 1, maximum: 1000 }),
        values: Type.Union([Type.Literal(2), Type.Literal(3)], {
          description: 'Per point: x, y; or x, y and how sure it is, 0..1',
        }),
        unit: Type.Union(BoxUnit.anyOf),
        relative: Type.Optional(Type.Boolean({ description: 'Counted from the point of the cell' })),
        order: Type.Optional(
          Type.Union([Type.Literal('xy'), Type.Literal('yx')], { description: 'Default xy' }),
        ),
      },
      {
        ...strict,
        description:
          'Points of what is in the box, in the order of the training. Without boxes and scores they are those of one figure, whose box is around them and whose score is their mean',
      },
    ),
  ),
  simcc: Type.Optional(
    Type.Object(
      { x: Index, y: Index },
      {
        ...strict,
        description:
          'The points of one figure: for each a row of values along the width of the input, and one along its height; it is where the largest is (SimCC)',
      },
    ),
  ),
  count: Type.Optional(
    Type.Object(
      { output: Index },
      { ...strict, description: 'Output with one value: so many rows hold something' },
    ),
  ),
  grid: Type.Optional(
    Type.Object(
      {
        strides: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { minItems: 1, maxItems: 8 }),
        offset: Type.Optional(
          Type.Number({ minimum: 0, maximum: 1, description: 'Offset of the point in its cell; default 0' }),
        ),
        anchors: Type.Optional(
          Type.Array(
            Type.Array(
              Type.Tuple([Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 })]),
              { minItems: 1, maxItems: 32 },
            ),
            { maxItems: 8, description: 'Per stride: width and height in pixels of each anchor of a cell' },
          ),
        ),
        order: Type.Optional(
          Type.Union([Type.Literal('cells'), Type.Literal('anchors')], {
            description:
              'cells: the anchors of a cell follow each other (default); anchors: the cells of an anchor do',
          }),
        ),
      },
      { ...strict, description: 'Rows are the cells of these grids, stride by stride, line by line' },
    ),
  ),
  map: Type.Optional(
    Type.Literal(true, {
      description:
        'Rows are the places of a map over the whole input, line by line; each belongs to its likeliest class, or has a depth. There are no boxes',
    }),
  ),
  depth: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        gives: DepthKind,
        value: Type.Optional(Transform),
      },
      { ...strict, description: 'How far away each place of the map is; there are no scores' },
    ),
  ),
  vector: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        length: Type.Integer({ minimum: 2, maximum: 4096 }),
        normalise: Type.Optional(
          Type.Literal('l2', { description: 'Brought to length 1; absent: it comes as it is' }),
        ),
      },
      { ...strict, description: 'The picture as a vector: those of alike pictures are near to each other' },
    ),
  ),
  text: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        blank: Type.Union([Type.Literal('first'), Type.Literal('last')], {
          description: 'Where beside the labels the value for no character is',
        }),
        activation: Type.Optional(Type.Literal('softmax')),
      },
      {
        ...strict,
        description:
          'Rows are steps along a line of text, each with a value per label, which are characters: read greedily (CTC)',
      },
    ),
  ),
  regions: Type.Optional(
    Type.Object(
      {
        output: Index,
        at: Index,
        threshold: Type.Number({ description: 'Above it a place belongs to a region' }),
        grow: Type.Number({
          minimum: 0,
          maximum: 10,
          description:
            'By so many times its area over its perimeter a region is larger on each side than the map shows',
        }),
      },
      {
        ...strict,
        description:
          'Rows are the places of a map of the size of the input: each part of it that hangs together is a rotated box, scored by the mean inside (DB)',
      },
    ),
  ),
  raw: Type.Optional(
    Type.Object(
      {
        module: Type.String({
          pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$',
          maxLength: 200,
          description: 'An attachment of the bundle: an ES module that exports `decode`',
        }),
      },
      {
        ...strict,
        description:
          'The outputs go unchanged, with their types, to a module of the bundle; the rest of the head is ignored',
      },
    ),
  ),
  final: Type.Optional(
    Type.Boolean({ description: 'The network chose its boxes itself: NMS would drop what it wants to keep' }),
  ),
} as const;

export const Head = Type.Object(headFields, strict);
export type Head = Static<typeof Head>;

/** Every tensor that the head reads, each once. */
export function tensorsOf(head: Pick<Head, 'outputs'>): string[] {
  return [...new Set(head.outputs.flatMap(({ tensors }) => tensors))];
}

/** Cells of one grid: of a side that the stride does not divide, convolutions keep the last cell, which reaches over the edge. */
export function cellsOf(input: { readonly width: number; readonly height: number }, stride: number): number {
  return Math.ceil(input.width / stride) * Math.ceil(input.height / stride);
}

/** Rows of one stride: its cells, each with its anchors. */
export function rowsOfStride(
  grid: NonNullable<Head['grid']>,
  level: number,
  input: { readonly width: number; readonly height: number },
): number {
  return cellsOf(input, grid.strides[level]!) * (grid.anchors?.[level]?.length ?? 1);
}

/** The output whose rows are counted where there is no grid. */
export function mainOutputOf({
  scores,
  depth,
  keypoints,
  simcc,
  vector,
  text,
  regions,
}: Pick<Head, 'scores' | 'depth' | 'keypoints' | 'simcc' | 'vector' | 'text' | 'regions'>): number {
  return (depth ?? scores ?? keypoints ?? vector ?? text ?? regions)?.output ?? simcc?.x ?? 0;
}

/** It gives only the points of one figure. */
export function isFigure({ scores, boxes, keypoints, simcc }: Head): boolean {
  return simcc !== undefined || (keypoints !== undefined && scores === undefined && boxes === undefined);
}

/** What is said of the whole picture has no boxes. */
export function taskOf({
  boxes,
  masks,
  keypoints,
  map,
  depth,
  angle,
  simcc,
  raw,
  vector,
  text,
  regions,
}: Omit<Head, 'outputs'>): ModelTask {
  if (raw !== undefined) return 'tensor';
  if (vector !== undefined) return 'embedding';
  if (text !== undefined) return 'text';
  if (regions !== undefined) return 'obb';
  if (depth !== undefined) return 'depth';
  if (map === true) return 'semantic-segmentation';
  if (simcc !== undefined) return 'pose';
  if (boxes === undefined) return keypoints === undefined ? 'classification' : 'pose';
  if (angle !== undefined) return 'obb';
  if (masks !== undefined) return 'instance-segmentation';
  return keypoints === undefined ? 'detection' : 'pose';
}
