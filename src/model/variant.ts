import { MissingError } from '../base/index.ts';
import { describeForced, forcedVariants } from './forced.ts';
import type { Manifest, Variant, VariantKind } from './manifest.ts';

/** Engines that a bundle can run on; the word that the user sees in `--engine` and in reports. */
export type EngineName = 'tensorrt' | 'onnxruntime' | 'onnxruntime-node';

/*
 * Best first. ONNX Runtime on a CPU fuses unsigned activations with pairs on both sides of an operator (qdq-u8); qdq-s8 runs
 * there slower than fp32, so it comes after it. TensorRT reads only symmetric integers. From TensorRT 10 on networks are
 * strongly typed here: what the file says is what runs, and fp16 is never made from fp32, so a half file comes before it.
 */
const onnxRuntimeOrder: readonly VariantKind[] = ['qdq-u8', 'weights-int8', 'fp32', 'qdq-s8', 'fp16'];
const order: Readonly<Record<EngineName, readonly VariantKind[]>> = {
  'onnxruntime-node': onnxRuntimeOrder,
  onnxruntime: onnxRuntimeOrder,
  tensorrt: ['qdq-s8', 'fp16', 'fp32'],
};

/**
 * Whether ONNX Runtime may rewrite the pairs of a file. In those for TensorRT scales are halves: the runtime would round a
 * bias to int32 in steps of the product of two scales, which a half cannot express, and give wrong results without a word.
 */
export function mayRewritePairs(kind: VariantKind): boolean {
  return kind !== 'qdq-s8';
}

export interface VariantChoice {
  readonly variant: Variant;
  /** In words, for the log and `doctor`. */
  readonly reason: string;
}

/**
 * The variant of a bundle for an engine. `wanted` overrides the choice. A variant whose measured accuracy is below the
 * bundle's own budget is passed over, unless it is asked for.
 */
export function chooseVariant(manifest: Manifest, engine: EngineName, wanted?: VariantKind): VariantChoice {
  const byKind = new Map(manifest.variants.map((variant) => [variant.kind, variant]));
  const present = manifest.variants.map((variant) => variant.kind).join(', ');
  if (wanted !== undefined) {
    const variant = byKind.get(wanted);
    if (variant === undefined) {
      throw new MissingError(
        'variant-missing',
        `The bundle ${manifest.name} ${manifest.version} has no variant ${wanted}; it has ${present}.`,
        'Ask for one of those, or make it with `goshawk model optimize`.',
      );
    }
    return { variant, reason: withForced(manifest, wanted, 'asked for') };
  }
  const minMap = manifest.budgets?.minMap;
  const passedOver: string[] = [];
  for (const kind of order[engine]) {
    const variant = byKind.get(kind);
    if (variant === undefined) continue;
    const map = variant.accuracy?.map;
    if (minMap !== undefined && map !== undefined && map < minMap) {
      passedOver.push(`${kind} has mAP ${map.toFixed(3)}, below the budget of ${minMap.toFixed(3)}`);
      continue;
    }
    const why = `first of ${order[engine].join(', ')} that the bundle has`;
    return { variant, reason: withForced(manifest, kind, [why, ...passedOver].join('; ')) };
  }
  throw new MissingError(
    'variant-none',
    passedOver.length > 0
      ? `No variant of ${manifest.name} ${manifest.version} keeps its accuracy budget: ${passedOver.join('; ')}.`
      : `${engine} can run no variant of ${manifest.name} ${manifest.version} (it has ${present}).`,
    'Add an fp32 variant to the bundle, or lower the budget.',
  );
}

/** The one that runs where nobody asks for another: the preferred one where the bundle has it, else the best for the engine. */
export function usualVariant(manifest: Manifest, engine: EngineName, preferred?: VariantKind): VariantKind {
  const has = manifest.variants.some(({ kind }) => kind === preferred);
  return chooseVariant(manifest, engine, has ? preferred : undefined).variant.kind;
}

/** A variant that was forced into its bundle says so wherever it is chosen. */
function withForced(manifest: Manifest, kind: VariantKind, reason: string): string {
  const forced = forcedVariants(manifest).find((item) => item.kind === kind);
  return forced === undefined ? reason : `${reason}; ${describeForced(forced)}`;
}

/** What runs in words of precision: `fp32`, `fp16`, `int8`. */
export function precisionOf(kind: VariantKind): string {
  return kind === 'fp32' || kind === 'fp16' ? kind : 'int8';
}
