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

/** golden/golden.json of a bundle: what the fp32 variant sees on a few frames, and how near others must come. */
export const GoldenSet = Type.Object({
  schema: Type.Literal(1),
  strongScore: Type.Number({ description: 'From it on a detection has to be found by the other side' }),
  weakScore: Type.Number({
    description: 'From it on a detection counts as found; lower, so that a score on the edge decides nothing',
  }),
  iou: Type.Number(),
  nmsIou: Type.Number({ description: 'NMS while detecting' }),
  minAgreement: Type.Record(Type.String(), Type.Number(), {
    description: 'Per variant: measured when the bundle was made, less a margin for other engines',
  }),
  frames: Type.Array(
    Type.Object({ file: BundleFile.properties.path, detections: Type.Array(GoldenDetection) }),
  ),
});
export type GoldenSet = Static<typeof GoldenSet>;

export function hasGoldenSet(manifest: Manifest): boolean {
  return manifest.attachments?.some(({ path }) => path === goldenPath) === true;
}

/** Throws a MissingError where the bundle has none. */
export function requireGoldenSet(manifest: Manifest): void {
  if (hasGoldenSet(manifest)) return;
  throw new MissingError(
    'golden-missing',
    `The bundle ${manifest.name} ${manifest.version} has no golden set.`,
    'Make it with `goshawk model optimize`, which chooses one from the evaluation pictures.',
  );
}

/** Reads the text of `golden/golden.json`. Throws an InputError where it is none. */
export function parseGoldenSet(text: string): GoldenSet {
  const value = jsonOf(text);
  if (Value.Check(GoldenSet, value)) return value;
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
