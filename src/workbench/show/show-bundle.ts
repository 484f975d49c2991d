import { readBundle } from '../../adapters/filesystem/index.ts';
import { defined } from '../../base/index.ts';
import {
  type Bundle,
  bundledCameras,
  chooseVariant,
  describeForced,
  type ForcedVariant,
  forcedVariants,
  type GoldenSet,
  hasGoldenSet,
  losesBytes,
  type VariantKind,
} from '../../model/index.ts';
import { goldenFiles } from '../../runtime/index.ts';

export interface BundleDescription extends Bundle {
  /** What onnxruntime-node would run, the engine that is everywhere. */
  readonly runs: VariantKind;
  /** Variants that miss their budget and ship all the same, each in words too. */
  readonly forced: readonly ForcedVariant[];
  /** What its golden set asks of each variant; undefined where it has none. */
  readonly golden: (Pick<GoldenSet, 'minAgreement' | 'minMap'> & { readonly frames: number }) | undefined;
  /** Cameras whose reference profile it holds. */
  readonly profiles: readonly string[];
  readonly warnings: readonly string[];
}

/** Verifies every byte, then says what the bundle is. */
export async function showBundle(folder: string): Promise<BundleDescription> {
  const bundle = await readBundle(folder, 'digests');
  const forced = forcedVariants(bundle.manifest);
  const golden = hasGoldenSet(bundle.manifest) ? await goldenFiles.read(bundle) : undefined;
  return {
    ...bundle,
    golden: golden && {
      frames: golden.frames.length,
      minAgreement: golden.minAgreement,
      ...defined({ minMap: golden.minMap }),
    },
    profiles: bundledCameras(bundle.manifest),
    runs: chooseVariant(bundle.manifest, 'onnxruntime-node').variant.kind,
    forced,
    warnings: [...forced.map((variant) => `${describeForced(variant)}.`), ...blindness(bundle)],
  };
}

/** Import refuses such a network; a manifest may have been written by hand. */
function blindness({ manifest }: Bundle): string[] {
  if (!losesBytes(manifest.input)) return [];
  return [
    'its input holds bytes, and its scale turns all of them to 0, so it detects no object. Import the network again.',
  ];
}
