import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { MissingError } from '../../base/index.ts';
import { parseYoloLabels, type TruthBox, type TruthForm } from '../../perception/index.ts';

const pictureNames = /\.(jpe?g|png|webp)$/i;

/** Pictures, and labels in YOLO form where there are any. */
export interface LabelledFolder {
  /** Of the folder. */
  readonly name: string;
  /** Sorted. */
  readonly files: readonly string[];
  readonly labels: string | undefined;
}

/** `folder` holds pictures, or `images/` and `labels/` as YOLO data sets do; `labels` names another place for them. */
export async function openLabelledFolder(
  folder: string,
  { labels, limit = Number.POSITIVE_INFINITY }: { readonly labels?: string; readonly limit?: number } = {},
): Promise<LabelledFolder> {
  const nested = await list(join(folder, 'images'));
  const images = nested === undefined ? folder : join(folder, 'images');
  const names = nested ?? (await list(folder));
  if (names === undefined) {
    throw new MissingError('pictures-missing', `There is no folder ${folder}.`, 'Name a folder of pictures.');
  }
  const files = names
    .filter((name) => pictureNames.test(name))
    .sort()
    .slice(0, limit);
  if (files.length === 0) {
    throw new MissingError(
      'pictures-missing',
      `${images} holds no picture (jpg, png or webp).`,
      'Name a folder of pictures, or one with images/ and labels/ in it.',
    );
  }
  return {
    name: basename(folder),
    files: files.map((name) => join(images, name)),
    labels: labels ?? (await labelsBeside(images)),
  };
}

/** Ground truth of one picture in pixels; a picture without a label file has none. */
export async function readTruth(
  labels: string,
  picture: { readonly path: string; readonly width: number; readonly height: number },
  classCount: number,
  form: TruthForm = 'boxes',
): Promise<TruthBox[]> {
  const name = `${basename(picture.path, extname(picture.path))}.txt`;
  const text = await readFile(join(labels, name), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  return parseYoloLabels(text, picture.width, picture.height, name, classCount, form);
}

async function list(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch(() => undefined);
}

/** `labels/` next to `images/`, or text files between the pictures. */
async function labelsBeside(images: string): Promise<string | undefined> {
  const beside = join(images, '..', 'labels');
  if (basename(images) === 'images' && (await list(beside)) !== undefined) return beside;
  const names = await list(images);
  return names?.some((name) => name.endsWith('.txt')) ? images : undefined;
}
