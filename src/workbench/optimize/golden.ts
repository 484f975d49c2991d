import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import {
  agreement,
  chooseGolden,
  type GoldenDetection,
  type GoldenSet,
  type GraphRunner,
  goldenFrames,
  goldenMargin,
  goldenRules,
} from '../../optimize/index.ts';
import type { Detection, DetectionSettings, Detector, Frame } from '../../perception/index.ts';
import { type Contracts, OutputDecoder } from './accuracy-scorer.ts';
import type { PictureSet } from './pictures.ts';

export const goldenPath = 'golden/golden.json';

const settings: DetectionSettings = {
  scoreThreshold: goldenRules.weakScore,
  iouThreshold: goldenRules.nmsIou,
  maxDetections: 300,
  classes: [],
};

export interface GoldenFiles {
  readonly set: GoldenSet;
  /** Path in the bundle -> picture that is copied there. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** Chooses frames of the evaluation set, and measures how near every variant comes to fp32 on them. */
export async function makeGolden(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  models: ReadonlyMap<string, Uint8Array>,
  runner: GraphRunner,
): Promise<GoldenFiles> {
  const reference = models.get('fp32');
  if (reference === undefined) throw new RangeError('a bundle has an fp32 variant');
  const all = Array.from({ length: pictures.count }, (_, i) => i);
  const expected = await detections(reference, all, pictures, contracts, labels, runner);
  const chosen = chooseGolden(expected, Math.min(goldenFrames, pictures.count));
  const minAgreement: Record<string, number> = {};
  for (const [kind, model] of models) {
    const found = await detections(model, chosen, pictures, contracts, labels, runner);
    const measured = agreement(chosen.map((index, i) => ({ expected: expected[index]!, found: found[i]! })));
    minAgreement[kind] = Math.max(0, Math.round((measured - goldenMargin) * 1000) / 1000);
  }
  const files = new Map<string, string>();
  const frames = chosen.map((index, i) => {
    const path = pictures.files[index] ?? '';
    const file = `golden/${String(i).padStart(3, '0')}${extname(path).toLowerCase()}`;
    files.set(file, path);
    return { file, detections: expected[index] ?? [] };
  });
  return { set: { schema: 1, ...goldenRules, minAgreement, frames }, pictures: files };
}

async function detections(
  model: Uint8Array,
  indices: readonly number[],
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  runner: GraphRunner,
): Promise<GoldenDetection[][]> {
  const decoder = new OutputDecoder(contracts, labels, false);
  const loaded = await runner.load(model);
  try {
    const results: GoldenDetection[][] = [];
    for (const index of indices) {
      const { outputs } = await loaded.run(await pictures.input(index));
      results.push(decoder.detections(outputs, await pictures.picture(index), settings).map(golden));
    }
    return results;
  } finally {
    await loaded.close();
  }
}

function golden({ label, score, box }: Detection): GoldenDetection {
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    label,
    score: Math.round(score * 10_000) / 10_000,
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
  };
}

function isNumber({ score, box }: Detection): boolean {
  return [score, box.x1, box.y1, box.x2, box.y2].every(Number.isFinite);
}

export async function readGolden(bundle: Bundle): Promise<GoldenSet> {
  const { manifest, location } = bundle;
  if (!manifest.attachments?.some((file) => file.path === goldenPath)) {
    throw new MissingError(
      'golden-missing',
      `The bundle ${manifest.name} ${manifest.version} has no golden set.`,
      'Make it with `goshawk model optimize`, which chooses one from the evaluation pictures.',
    );
  }
  const parsed: unknown = JSON.parse(await readFile(join(location, goldenPath), 'utf8'));
  if (!isGoldenSet(parsed)) {
    throw new InputError(
      'golden-broken',
      `${goldenPath} of the bundle is not a golden set.`,
      'Make the bundle again.',
    );
  }
  return parsed;
}

function isGoldenSet(value: unknown): value is GoldenSet {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, frames, minAgreement } = value as Partial<GoldenSet>;
  return schema === 1 && Array.isArray(frames) && typeof minAgreement === 'object';
}

export interface GoldenResult {
  /** 0..1 */
  readonly agreement: number;
  readonly frames: number;
  /** The frames that agree least, worst first. */
  readonly worst: readonly { readonly file: string; readonly agreement: number }[];
}

/** Runs the golden frames through a detector, as it would run on a device. */
export async function runGolden(
  bundle: Bundle,
  set: GoldenSet,
  detector: Detector,
  advance: () => void = () => {},
): Promise<GoldenResult> {
  const compared: { file: string; expected: readonly GoldenDetection[]; found: GoldenDetection[] }[] = [];
  for (const [sequence, { file, detections: expected }] of set.frames.entries()) {
    const path = join(bundle.location, file);
    const picture = await decodePicture(await readFile(path), file);
    const frame: Frame = {
      camera: 'golden',
      sequence,
      stampNs: 0n,
      frameId: 'golden',
      width: picture.width,
      height: picture.height,
      encoding: picture.encoding,
      step: picture.step,
      pixels: { data: picture.data, release() {} },
    };
    const result = await detector.detect(frame, {
      ...settings,
      scoreThreshold: set.weakScore,
      iouThreshold: set.nmsIou,
    });
    // A box without a number is no answer, wherever it lies.
    compared.push({ file, expected, found: result.detections.filter(isNumber).map(golden) });
    advance();
  }
  const worst = compared
    .map((frame) => ({ file: frame.file, agreement: agreement([frame], set) }))
    .sort((a, b) => a.agreement - b.agreement)
    .slice(0, 3);
  return { agreement: agreement(compared, set), frames: compared.length, worst };
}
