import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { OnnxruntimeDetector } from '../../adapters/onnxruntime/index.ts';
import { decodePicture } from '../../adapters/sharp/index.ts';
import {
  agreement,
  type GoldenDetection,
  type GoldenSet,
  type GoldenTruth,
  goldenPath,
  goldenRules,
  type InputContract,
  type Manifest,
  mapBudgetFrom,
  type OutputContract,
  type VariantKind,
} from '../../model/index.ts';
import { chooseGolden, goldenFrames, goldenMargin } from '../../optimize/index.ts';
import { type Detector, detectGolden, goldenMap, type TruthBox } from '../../perception/index.ts';
import { type LabelledFolder, openLabelledFolder, readTruth } from '../pictures/labelled-folder.ts';

/** The model that a golden set is made for. */
export interface GoldenModel {
  readonly name: string;
  readonly labels: readonly string[];
  readonly contracts: { readonly input: InputContract; readonly output: OutputContract };
  /** Also those that will not be in the bundle. The expected detections are those of fp32, or of the first. */
  readonly variants: ReadonlyMap<VariantKind, Uint8Array>;
}

export interface GoldenOptions {
  /** Looks at so many pictures at most. */
  readonly limit?: number;
  /** Called before each picture; may throw to end the work. */
  readonly advance?: (done: number, total: number) => void;
}

export interface MadeGolden extends GoldenSet {
  /** By their path in the bundle. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** Chooses frames of a folder, and measures how near every variant comes to fp32 on them, and to the labels if there are any. */
export async function makeGolden(
  folder: string,
  model: GoldenModel,
  { limit, advance = () => {} }: GoldenOptions = {},
): Promise<MadeGolden> {
  const found = await openLabelledFolder(folder, limit === undefined ? {} : { limit });
  const reference = model.variants.has('fp32') ? 'fp32' : [...model.variants.keys()][0];
  if (reference === undefined) throw new RangeError('a bundle has a variant');
  const all = await detections(model, reference, found.files, advance);
  const chosen = chooseGolden(all, Math.min(goldenFrames, found.files.length));
  const pictures = new Map<string, Uint8Array>();
  const frames: GoldenSet['frames'] = [];
  for (const [i, index] of chosen.entries()) {
    const path = found.files[index] ?? '';
    const file = `golden/${String(i).padStart(3, '0')}${extname(path).toLowerCase()}`;
    pictures.set(file, await readFile(path));
    const truth = await truthOf(found, path, model.labels);
    frames.push({ file, detections: all[index] ?? [], ...(truth === undefined ? {} : { truth }) });
  }
  const files = chosen.map((index) => found.files[index] ?? '');
  return { schema: 1, ...goldenRules, ...(await measured(model, frames, files, advance)), frames, pictures };
}

/** The set's file and its pictures, as attachments of a bundle. */
export function goldenAttachments({ pictures, ...set }: MadeGolden): Map<string, Uint8Array> {
  return new Map([[goldenPath, Buffer.from(`${JSON.stringify(set, null, 1)}\n`)], ...pictures]);
}

/** As attachments of a bundle that has one network; none where there is no folder to choose them from. */
export async function chooseAttachments(
  folder: string | undefined,
  { name, labels, input, output, variants: [only] }: Manifest,
  network: Uint8Array,
): Promise<Map<string, Uint8Array>> {
  if (folder === undefined || only === undefined) return new Map();
  const variants = new Map([[only.kind, network]]);
  return goldenAttachments(
    await makeGolden(folder, { name, labels, contracts: { input, output }, variants }),
  );
}

/** What every variant must reach: what it reached here, less what engines may differ. */
async function measured(
  model: GoldenModel,
  frames: GoldenSet['frames'],
  files: readonly string[],
  advance: (done: number, total: number) => void,
): Promise<Pick<GoldenSet, 'minAgreement' | 'minMap'>> {
  const minAgreement: Record<string, number> = {};
  const minMap: Record<string, number> = {};
  for (const kind of model.variants.keys()) {
    const found = (await detections(model, kind, files, advance)).map((one) => ({ found: one }));
    const share = agreement(
      frames.map(({ detections: expected }, i) => ({ expected, found: found[i]?.found ?? [] })),
    );
    minAgreement[kind] = Math.max(0, Math.round((share - goldenMargin) * 1000) / 1000);
    const map = goldenMap({ frames }, found);
    if (map !== undefined) minMap[kind] = mapBudgetFrom(map);
  }
  return { minAgreement, ...(Object.keys(minMap).length === 0 ? {} : { minMap }) };
}

async function detections(
  model: GoldenModel,
  kind: VariantKind,
  files: readonly string[],
  advance: (done: number, total: number) => void,
): Promise<GoldenDetection[][]> {
  const detector = await detectorOf(model, kind);
  try {
    const results: GoldenDetection[][] = [];
    for (const [done, path] of files.entries()) {
      advance(done, files.length);
      results.push(
        await detectGolden(detector, await decodePicture(await readFile(path), path), goldenRules, done),
      );
    }
    return results;
  } finally {
    await detector.close();
  }
}

/** From bytes alone: the bundle is not there yet. */
function detectorOf(
  { name, labels, contracts, variants }: GoldenModel,
  kind: VariantKind,
): Promise<Detector> {
  const modelBytes = variants.get(kind);
  if (modelBytes === undefined) throw new RangeError(`no variant ${kind}`);
  const digest = `sha256:${'0'.repeat(64)}`;
  const file = { path: `${kind}.onnx`, digest, size: modelBytes.length };
  const manifest: Manifest = {
    ...{ schema: 1, name, version: '0', task: 'detection', licence: '' },
    ...{ labels: [...labels], ...contracts, variants: [{ kind, file }] },
    provenance: { sourceDigest: digest, createdBy: '', createdAt: '' },
  };
  return OnnxruntimeDetector.create({ digest, manifest, location: '' }, { modelBytes, variant: kind });
}

async function truthOf(
  { labels }: LabelledFolder,
  path: string,
  names: readonly string[],
): Promise<GoldenTruth[] | undefined> {
  if (labels === undefined) return undefined;
  const { width, height } = await decodePicture(await readFile(path), path);
  const boxes = await readTruth(labels, { path, width, height }, names.length);
  return boxes.map((box) => goldenTruth(box, names));
}

function goldenTruth({ classId, box }: TruthBox, names: readonly string[]): GoldenTruth {
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    label: names[classId] ?? String(classId),
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
  };
}
