import { readBundle } from '../../adapters/filesystem/index.ts';
import {
  type Bundle,
  chooseVariant,
  describeForced,
  type ForcedVariant,
  forcedVariants,
  type VariantKind,
} from '../../model/index.ts';

export interface BundleDescription extends Bundle {
  /** What onnxruntime-node would run, the engine that is everywhere. */
  readonly runs: VariantKind;
  /** Variants that miss their budget and ship all the same, each in words too. */
  readonly forced: readonly ForcedVariant[];
  readonly warnings: readonly string[];
}

/** Verifies every byte, then says what the bundle is. */
export async function showBundle(folder: string): Promise<BundleDescription> {
  const bundle = await readBundle(folder, 'digests');
  const forced = forcedVariants(bundle.manifest);
  return {
    ...bundle,
    runs: chooseVariant(bundle.manifest, 'onnxruntime-node').variant.kind,
    forced,
    warnings: forced.map((variant) => `${describeForced(variant)}.`),
  };
}
