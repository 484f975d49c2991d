import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { InputError } from '../../base/index.ts';
import { type NetworkInfo, parseLabels } from '../../model/index.ts';

/** Of the file that the user named, else those that the network's exporter noted in it, else those that its family has. */
export async function readLabels(
  path: string | undefined,
  { names }: NetworkInfo,
  model: string,
  ofFamily?: readonly string[],
): Promise<readonly string[]> {
  if (path !== undefined) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw explainFileError(error, 'read the labels', path);
    });
    return parseLabels(text, basename(path));
  }
  const known = names ?? ofFamily;
  if (known !== undefined) return known;
  throw new InputError(
    'labels-missing',
    `${model} does not name its classes.`,
    'Name them with --labels: a text file with one per line in the order of training, or the data.yaml.',
  );
}
