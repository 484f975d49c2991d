import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type Manifest, VariantKind } from './manifest.ts';

const ForcedVariant = Type.Object({
  kind: VariantKind,
  /** Points of the measure of its task that it loses against its source, 0..1; the bundle ships it all the same. */
  drop: Type.Number(),
  maxDrop: Type.Number(),
});
export type ForcedVariant = Static<typeof ForcedVariant>;

/** Variants that ship although they lost too much: `provenance.optimization.forced`, written by `model optimize --force`. */
export function forcedVariants({ provenance, variants }: Manifest): readonly ForcedVariant[] {
  const forced = provenance.optimization?.forced;
  if (!Array.isArray(forced)) return [];
  const kinds = new Set(variants.map(({ kind }) => kind));
  return forced.filter((item: unknown): item is ForcedVariant => {
    return Value.Check(ForcedVariant, item) && kinds.has(item.kind);
  });
}

export function describeForced({ kind, drop, maxDrop }: ForcedVariant): string {
  return `${kind} ships by force: it loses ${points(drop)} points of accuracy where ${points(maxDrop)} were allowed`;
}

function points(share: number): string {
  return (share * 100).toFixed(2);
}
