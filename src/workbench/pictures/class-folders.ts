import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import { InputError } from '../../base/index.ts';

/** Pictures whose folder says what they show. */
export interface ClassFolders {
  /** Number of each folder, by its name. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly files: readonly string[];
}

/** One folder per label of the model, named as it or by its number. */
export async function foldersOfLabels(images: string, labels: readonly string[]): Promise<ClassFolders> {
  const numbers = new Map<string, number>();
  const unknown: string[] = [];
  const folders = await foldersIn(images);
  for (const name of folders) {
    const classId = classOf(name, labels);
    if (classId === undefined) unknown.push(name);
    else numbers.set(name, classId);
  }
  if (folders.length === 0 || unknown.length > 0) {
    throw new InputError(
      'labels-folders',
      folders.length === 0
        ? `${images} holds no folders; a classifier is evaluated on one folder of pictures per label.`
        : `${unknown.length} of ${folders.length} folders in ${images} are not labels of the model: ${unknown.slice(0, 5).join(', ')}.`,
      `Name each folder as a label of the model (${labels.slice(0, 5).join(', ')}${labels.length > 5 ? ', ...' : ''}), or as the number of its class.`,
    );
  }
  return { numbers, files: await picturesIn(images, numbers) };
}

/** One folder per person or thing, whatever its name. */
export async function foldersOfIdentities(images: string): Promise<ClassFolders> {
  const folders = await foldersIn(images);
  if (folders.length < 2)
    throw new InputError(
      'labels-folders',
      `${images} holds ${folders.length} folders; one for each thing or person is needed, two at least.`,
      'Put pictures of the same into one folder.',
    );
  const numbers = new Map(folders.map((name, at) => [name, at]));
  return { numbers, files: await picturesIn(images, numbers) };
}

/** Sorted. */
export async function foldersIn(images: string): Promise<readonly string[]> {
  const entries = await readdir(images, { withFileTypes: true }).catch((error: unknown) => {
    throw explainFileError(error, 'read the pictures', images);
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function picturesIn(images: string, folders: ReadonlyMap<string, number>): Promise<string[]> {
  const files: string[] = [];
  for (const name of folders.keys()) files.push(...(await listPictures(join(images, name))));
  return files;
}

/** `traffic_light`, `Traffic light` and the number of the class all name the label "traffic light". */
function classOf(folder: string, labels: readonly string[]): number | undefined {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const found = labels.findIndex((label) => plain(label) === plain(folder));
  if (found >= 0) return found;
  const number = /^\d{1,5}$/.test(folder) ? Number(folder) : -1;
  return number >= 0 && number < labels.length ? number : undefined;
}
