import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { defined } from '../../base/index.ts';
import {
  agreement,
  type GoldenDetection,
  type GoldenSet,
  type GoldenTruth,
  goldenPath,
  goldenRules,
  mapBudgetFrom,
  type VariantKind,
} from '../../model/index.ts';
import { chooseGolden, goldenFrames, goldenMargin } from '../../optimize/index.ts';
import { goldenMap, type TruthBox, type TruthForm } from '../../perception/index.ts';
import { type LabelledFolder, openLabelledFolder, readTruth } from '../pictures/labelled-folder.ts';

/** One variant of a model, and what it sees on the pictures of a folder. */
export interface Viewer {
  see(picture: number): Promise<GoldenDetection[]>;
  close(): Promise<void>;
}

/** The model that a golden set is made for. */
export interface GoldenModel {
  readonly labels: readonly string[];
  /** Also those that will not be in the bundle. The expected detections are those of fp32, or of the first. */
  readonly kinds: readonly VariantKind[];
  /** What its label files hold; undefined: no boxes. */
  readonly form: TruthForm | undefined;
  open(kind: VariantKind, files: readonly string[]): Promise<Viewer>;
}

export interface GoldenOptions {
  /** Looks at so many pictures at most. */
  readonly limit?: number;
  /** Called before each picture; may throw to end the work. */
  readonly advance?: (done: number, total: number) => void;
}

/** Pictures to choose from; `labels`: the folder of their boxes in YOLO form. */
export type GoldenPictures = Pick<LabelledFolder, 'files' | 'labels'>;

export interface MadeGolden extends GoldenSet {
  /** By their path in the bundle. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** Chooses frames of a folder, and measures how near every variant comes to fp32 on them, and to the labels if there are any. */
export async function makeGolden(
  from: string | GoldenPictures,
  model: GoldenModel,
  { limit, advance = () => {} }: GoldenOptions = {},
): Promise<MadeGolden> {
  const found =
    typeof from === 'string' ? await openLabelledFolder(from, limit === undefined ? {} : { limit }) : from;
  const reference = model.kinds.includes('fp32') ? 'fp32' : model.kinds[0];
  if (reference === undefined) throw new RangeError('a bundle has a variant');
  const every = found.files.map((_, index) => index);
  const all = await detections(model, reference, found.files, every, advance);
  const chosen = chooseGolden(all, Math.min(goldenFrames, found.files.length));
  const pictures = new Map<string, Uint8Array>();
  const frames: GoldenSet['frames'] = [];
  for (const [i, index] of chosen.entries()) {
    const path = found.files[index] ?? '';
    const file = `golden/${String(i).padStart(3, '0')}${extname(path).toLowerCase()}`;
    pictures.set(file, await readFile(path));
    const truth = await truthOf(found, path, model);
    frames.push({ file, detections: all[index] ?? [], ...defined({ truth }) });
  }
  const least = await measured(model, frames, (kind) =>
    detections(model, kind, found.files, chosen, advance),
  );
  return { schema: 1, ...goldenRules, ...least, frames, pictures };
}

/** The set's file and its pictures, as attachments of a bundle. */
export function goldenAttachments({ pictures, ...set }: MadeGolden): Map<string, Uint8Array> {
  return new Map([[goldenPath, Buffer.from(`${JSON.stringify(set, null, 1)}\n`)], ...pictures]);
}

/** What every variant must reach: what it reached here, less what engines may differ. */
async function measured(
  { kinds }: GoldenModel,
  frames: GoldenSet['frames'],
  see: (kind: VariantKind) => Promise<GoldenDetection[][]>,
): Promise<Pick<GoldenSet, 'minAgreement' | 'minMap'>> {
  const minAgreement: Record<string, number> = {};
  const minMap: Record<string, number> = {};
  for (const kind of kinds) {
    const found = (await see(kind)).map((one) => ({ found: one }));
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
  pictures: readonly number[],
  advance: (done: number, total: number) => void,
): Promise<GoldenDetection[][]> {
  const viewer = await model.open(kind, files);
  try {
    const results: GoldenDetection[][] = [];
    for (const [done, picture] of pictures.entries()) {
      advance(done, pictures.length);
      results.push(await viewer.see(picture));
    }
    return results;
  } finally {
    await viewer.close();
  }
}

async function truthOf(
  { labels }: GoldenPictures,
  path: string,
  { labels: names, form }: GoldenModel,
): Promise<GoldenTruth[] | undefined> {
  if (labels === undefined || form === undefined) return undefined;
  const { width, height } = await decodePicture(await readFile(path), path);
  const boxes = await readTruth(labels, { path, width, height }, names.length, form);
  return boxes.map((box) => goldenTruth(box, names));
}

function goldenTruth({ classId, box }: TruthBox, names: readonly string[]): GoldenTruth {
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    label: names[classId] ?? String(classId),
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
  };
}
