import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { describeError } from '../../base/index.ts';
import { agreement, goldenRules, type Manifest, type VariantKind } from '../../model/index.ts';
import { loadModel, prepareGraph, saveModel, writeFloat16 } from '../../optimize/index.ts';
import { detectGolden, type Image } from '../../perception/index.ts';
import { detectorOf } from '../golden/detector-model.ts';

export type HalfVariant = { readonly bytes: Uint8Array } | { readonly leftOut: string };

const mostPictures = 4;
/** Half precision changes a score in the third digit, and hardly ever a detection. */
const leastAgreement = 0.95;

/**
 * The network of `manifest`, in full precision, once more in half precision: TensorRT runs what the file says, and a board should not
 * run everything in full. Left out where it does not run, or does not see what the original sees.
 */
export async function makeHalf(
  manifest: Manifest,
  original: Uint8Array,
  pictures: readonly Image[],
): Promise<HalfVariant> {
  try {
    const bytes = await writeHalf(original);
    const [full] = manifest.variants;
    if (full === undefined) throw new RangeError('a manifest without a variant');
    const both: Manifest = { ...manifest, variants: [full, { ...full, kind: 'fp16' }] };
    const some = pictures.slice(0, mostPictures);
    const expected = await answersOf(both, full.kind, original, some);
    const found = await answersOf(both, 'fp16', bytes, some);
    const pairs = found.map((answer, at) => ({ found: answer, expected: expected[at] ?? [] }));
    const reached = agreement(pairs, goldenRules);
    if (reached >= leastAgreement) return { bytes };
    return { leftOut: `it agrees with full precision on ${Math.round(reached * 100)} % only` };
  } catch (error) {
    return { leftOut: describeError(error) };
  }
}

async function writeHalf(original: Uint8Array): Promise<Uint8Array> {
  const graph = loadModel(original);
  const runner = new OnnxruntimeGraphRunner();
  try {
    await prepareGraph(graph, runner);
  } finally {
    await runner.close();
  }
  return saveModel(writeFloat16(graph).graph);
}

async function answersOf(
  manifest: Manifest,
  kind: VariantKind,
  bytes: Uint8Array,
  pictures: readonly Image[],
) {
  const detector = await detectorOf(manifest, kind, bytes);
  try {
    const answers = [];
    for (const [at, picture] of pictures.entries()) {
      answers.push(await detectGolden(detector, picture, goldenRules, at));
    }
    return answers;
  } finally {
    await detector.close();
  }
}
