import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { describeError } from '../../base/index.ts';
import {
  agreement,
  goldenRules,
  type Manifest,
  type ModelTask,
  type VariantKind,
} from '../../model/index.ts';
import { loadModel, prepareGraph, saveModel, writeFloat16 } from '../../optimize/index.ts';
import { type Detection, goldenDetections, goldenSettings, type Image } from '../../perception/index.ts';
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
  if (manifest.task === 'tensor')
    return { leftOut: 'Goshawk cannot check that its module reads the same from it' };
  try {
    const bytes = await writeHalf(original);
    const [full] = manifest.variants;
    if (full === undefined) throw new RangeError('a manifest without a variant');
    const both: Manifest = { ...manifest, variants: [full, { ...full, kind: 'fp16' }] };
    const some = pictures.slice(0, mostPictures);
    const expected = await answersOf(both, full.kind, original, some);
    const found = await answersOf(both, 'fp16', bytes, some);
    const compare = comparisons[manifest.task] ?? alike;
    const reached = compare(found, expected);
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

type Answers = readonly (readonly Detection[])[];

function alike(found: Answers, expected: Answers): number {
  const pairs = found.map((answer, at) => ({
    found: goldenDetections(answer),
    expected: goldenDetections(expected[at] ?? []),
  }));
  return agreement(pairs, goldenRules);
}

/** Share of the values of depth maps that lie within a twentieth of the original's. */
function alikeDepths(found: Answers, expected: Answers): number {
  const valuesOf = (answers: Answers) =>
    answers.flatMap((answer) => answer.map(({ depth }) => depth?.values ?? new Float32Array()));
  const others = valuesOf(expected);
  let near = 0;
  let all = 0;
  for (const [map, values] of valuesOf(found).entries()) {
    for (const [at, value] of values.entries()) {
      const other = others[map]?.[at] ?? Number.NaN;
      all += 1;
      if (Object.is(value, other) || Math.abs(value - other) <= Math.abs(other) * 0.05) near += 1;
    }
  }
  return all === 0 ? 0 : near / all;
}

/** The mean of the cosines; a few thousandths are what half precision costs. */
function alikeVectors(found: Answers, expected: Answers): number {
  const cosines = found.map(([one], at) => {
    const other = expected[at]?.[0]?.embedding;
    if (one?.embedding === undefined || other === undefined) return 0;
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    return dot(one.embedding, other) / Math.sqrt(dot(one.embedding, one.embedding) * dot(other, other));
  });
  return cosines.reduce((sum, cosine) => sum + cosine, 0) / Math.max(1, cosines.length);
}

/** Of tasks whose findings are more than labels and boxes. */
const comparisons: Partial<Record<ModelTask, (found: Answers, expected: Answers) => number>> = {
  depth: alikeDepths,
  embedding: alikeVectors,
};

async function answersOf(
  manifest: Manifest,
  kind: VariantKind,
  bytes: Uint8Array,
  pictures: readonly Image[],
): Promise<Answers> {
  const detector = await detectorOf(manifest, kind, bytes);
  try {
    const answers = [];
    for (const [sequence, { data, ...image }] of pictures.entries()) {
      const frame = { camera: 'import', sequence, stampNs: 0n, frameId: 'import', ...image };
      const { detections } = await detector.detect(
        { ...frame, pixels: { data, release() {} } },
        goldenSettings(goldenRules),
      );
      answers.push(detections);
    }
    return answers;
  } finally {
    await detector.close();
  }
}
