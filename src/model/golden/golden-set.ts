import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError, MissingError } from '../../base/index.ts';
import { BundleFile, type Manifest, type VariantKind } from '../manifest.ts';

/** Where a bundle keeps its golden set. */
export const goldenPath = 'golden/golden.json';

/** A box with its class, pixels of the frame. */
export const GoldenDetection = Type.Object({
  label: Type.String(),
  score: Type.Number(),
  box: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
    description: 'x1, y1, x2, y2',
  }),
});
export type GoldenDetection = Static<typeof GoldenDetection>;

/** The labels of a frame. */
export const GoldenTruth = Type.Omit(GoldenDetection, ['score']);
export type GoldenTruth = Static<typeof GoldenTruth>;

/**
 * golden/golden.json of a bundle: what the fp32 variant (of a bundle that never had one: its first) sees on a few frames,
 * and how near others must come; where the frames are labelled also how right they must be.
 */
export const GoldenSet = Type.Object({
  schema: Type.Literal(1),
  strongScore: Type.Number({ description: 'From it on a detection has to be found by the other side' }),
  weakScore: Type.Number({
    description: 'From it on a detection counts as found; lower, so that a score on the edge has no effect',
  }),
  iou: Type.Number(),
  nmsIou: Type.Number({ description: 'NMS while detecting' }),
  minAgreement: Type.Record(Type.String(), Type.Number(), {
    description: 'Per variant: measured when the bundle was made, less a margin for other engines',
  }),
  minMap: Type.Optional(
    Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 1 }), {
      description:
        'mAP on the frames with truth. Per variant: measured when the set was made, less a headroom',
    }),
  ),
  frames: Type.Array(
    Type.Object({
      file: BundleFile.properties.path,
      detections: Type.Array(GoldenDetection),
      truth: Type.Optional(Type.Array(GoldenTruth)),
    }),
  ),
});
export type GoldenSet = Static<typeof GoldenSet>;

/** Of a file that belongs to the golden set. */
export function isGolden(path: string): boolean {
  return path.startsWith('golden/');
}

export function hasGoldenSet(manifest: Manifest): boolean {
  return manifest.attachments?.some(({ path }) => path === goldenPath) === true;
}

/** Throws a MissingError where the bundle has none. */
export function requireGoldenSet(manifest: Manifest): void {
  if (hasGoldenSet(manifest)) return;
  throw new MissingError(
    'golden-missing',
    `The bundle ${manifest.name} ${manifest.version} has no golden set.`,
    'Give it one: goshawk model budget bundle/ --golden PICTURES --out bundle-2/',
  );
}

/** Reads the text of `golden/golden.json`. Throws an InputError where it is none. */
export function parseGoldenSet(text: string): GoldenSet {
  const value = jsonOf(text);
  // What it promises must be something that can be measured.
  if (Value.Check(GoldenSet, value) && (value.minMap === undefined || hasTruth(value))) return value;
  throw new InputError(
    'golden-broken',
    `${goldenPath} of the bundle is not a golden set.`,
    'Make the bundle again.',
  );
}

/** The agreement with fp32 that a variant must reach, on any engine. */
export function leastAgreement(set: GoldenSet, kind: VariantKind): number {
  return set.minAgreement[kind] ?? set.minAgreement.fp32 ?? 1;
}

/** The mAP that a variant must reach on the frames with truth, on any engine; undefined where the set asks for none. */
export function leastMap({ minMap }: GoldenSet, kind: VariantKind): number | undefined {
  return minMap?.[kind] ?? minMap?.fp32;
}

/** Something is labelled on one of the frames: without that no accuracy can be measured. */
export function hasTruth({ frames }: Pick<GoldenSet, 'frames'>): boolean {
  return frames.some(({ truth = [] }) => truth.length > 0);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
