import { type Static, Type } from '@sinclair/typebox';
import { fitNames } from './fit.ts';
import { headFields, ModelTask } from './head.ts';

/**
 * What a model bundle says about itself: `manifest.json` in the bundle's folder.
 * The bundle's digest is the sha256 of that file's bytes; every other file is named in it with size and sha256,
 * so one digest pins the whole bundle. Engines are never part of a bundle.
 */
export const Digest = Type.String({
  pattern: '^sha256:[0-9a-f]{64}$',
  description: 'sha256:<64 hex digits>',
});

export const BundleFile = Type.Object(
  {
    path: Type.String({
      pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$',
      maxLength: 200,
      description: 'Relative to the bundle, with forward slashes',
    }),
    digest: Digest,
    size: Type.Integer({ minimum: 0, description: 'Bytes' }),
  },
  { additionalProperties: false },
);
export type BundleFile = Static<typeof BundleFile>;

/** `fp32`; `qdq-s8` is what TensorRT reads, `qdq-u8` what ONNX Runtime fuses on x86. */
export const VariantKind = Type.Union([
  Type.Literal('fp32'),
  Type.Literal('fp16'),
  Type.Literal('weights-int8'),
  Type.Literal('qdq-s8'),
  Type.Literal('qdq-u8'),
]);
export type VariantKind = Static<typeof VariantKind>;

const Share = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }));

/** By the measures of the task. */
export const Accuracy = Type.Object(
  {
    dataset: Type.String({ description: 'Name of the evaluation set' }),
    images: Type.Integer({ minimum: 0 }),
    map: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'COCO mAP@[.5:.95], 0..1' })),
    ...{ ap50: Share, top1: Share, top5: Share, miou: Share, pixelAccuracy: Share },
    ...{ delta1: Share, absRel: Type.Optional(Type.Number({ minimum: 0 })), recall1: Share, recall5: Share },
    ...{ wordAccuracy: Share, cer: Type.Optional(Type.Number({ minimum: 0 })) },
  },
  { additionalProperties: false },
);
export type Accuracy = Static<typeof Accuracy>;

export const Variant = Type.Object(
  { kind: VariantKind, file: BundleFile, accuracy: Type.Optional(Accuracy) },
  { additionalProperties: false },
);
export type Variant = Static<typeof Variant>;

/** A tensor that is fed the same values for every picture, e.g. the size that a DETR scales its boxes to. */
export const ConstantInput = Type.Object(
  {
    tensor: Type.String({ minLength: 1 }),
    dtype: Type.Union([Type.Literal('int64'), Type.Literal('int32'), Type.Literal('float32')]),
    shape: Type.Array(Type.Integer({ minimum: 1, maximum: 64 }), { maxItems: 4 }),
    values: Type.Array(Type.Number(), { minItems: 1, maxItems: 64 }),
  },
  { additionalProperties: false },
);
export type ConstantInput = Static<typeof ConstantInput>;

/** How a frame becomes the network's input: one tensor 1 x 3 x height x width (or 1 x height x width x 3), of one channel where it is grey. */
export const InputContract = Type.Object(
  {
    tensor: Type.String({ minLength: 1 }),
    width: Type.Integer({ minimum: 8, maximum: 8192 }),
    height: Type.Integer({ minimum: 8, maximum: 8192 }),
    layout: Type.Union([Type.Literal('nchw'), Type.Literal('nhwc')]),
    dtype: Type.Union([
      Type.Literal('float32'),
      Type.Literal('float16'),
      Type.Literal('uint8'),
      Type.Literal('int32'),
    ]),
    /** `grey`: one channel, BT.601's luma; mean and std are the first ones. */
    colorOrder: Type.Union([Type.Literal('rgb'), Type.Literal('bgr'), Type.Literal('grey')]),
    /** value = (pixel 0..255 * scale - mean[c]) / std[c] */
    scale: Type.Number({ exclusiveMinimum: 0 }),
    mean: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
    std: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
    /** See `fits`. */
    fit: Type.Union(fitNames.map((name) => Type.Literal(name))),
    pad: Type.Integer({ minimum: 0, maximum: 255 }),
    /** Further inputs, the same for every picture. */
    constants: Type.Optional(Type.Array(ConstantInput, { maxItems: 4 })),
  },
  { additionalProperties: false },
);
export type InputContract = Static<typeof InputContract>;

/** Sides of the tensor of one picture, behind the axis of the pictures. */
export function pictureSides({
  layout,
  colorOrder,
  width,
  height,
}: Pick<InputContract, 'layout' | 'colorOrder' | 'width' | 'height'>): [number, number, number] {
  const channels = channelsOf({ colorOrder });
  return layout === 'nchw' ? [channels, height, width] : [height, width, channels];
}

export function channelsOf({ colorOrder }: Pick<InputContract, 'colorOrder'>): 1 | 3 {
  return colorOrder === 'grey' ? 1 : 3;
}

/** How the network's outputs become results. Names and shapes of tensors are checked at import and when it is loaded. */
export const OutputContract = Type.Object(
  {
    /** The family that import took it for, for people; devices read the other fields. */
    family: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }),
    ...headFields,
    /** Output 1 x C: a tensor of the backbone, pooled over the picture. Drift is watched in it; no box is made of it. */
    embedding: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);
export type OutputContract = Static<typeof OutputContract>;

export const bundleName = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });
export const bundleVersion = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$' });

export const Manifest = Type.Object(
  {
    schema: Type.Literal(1),
    name: bundleName,
    version: bundleVersion,
    /** `classification`: says what the whole picture shows; in a graph it looks at what a detector found. */
    task: ModelTask,
    licence: Type.String({ maxLength: 200 }),
    labels: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 20_000 }),
    input: InputContract,
    output: OutputContract,
    variants: Type.Array(Variant, { minItems: 1, maxItems: 16 }),
    provenance: Type.Object(
      {
        sourceDigest: Digest,
        createdBy: Type.String({ maxLength: 200, description: 'goshawk <version>' }),
        createdAt: Type.String({ description: 'RFC 3339, UTC' }),
        sourceFile: Type.Optional(Type.String({ maxLength: 255, description: 'Name of the imported file' })),
        opset: Type.Optional(Type.Integer({ minimum: 0 })),
        /** How the variants came about: pruning and quantization settings, tool versions. */
        optimization: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        producer: Type.Optional(
          Type.String({ maxLength: 300, description: 'Program that exported the source' }),
        ),
      },
      { additionalProperties: true },
    ),
    /** Limits a device holds the model to before it goes live. */
    budgets: Type.Optional(
      Type.Object(
        {
          p95LatencyMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
          memoryBytes: Type.Optional(Type.Integer({ minimum: 1 })),
          minMap: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
    /** Everything else in the bundle: golden set, reference profile, report. */
    attachments: Type.Optional(Type.Array(BundleFile, { maxItems: 1000 })),
  },
  { additionalProperties: false },
);
export type Manifest = Static<typeof Manifest>;
