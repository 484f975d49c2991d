import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { InputError } from '../../base/index.ts';
import { dictionaryLines, dictionaryOf, type NetworkInfo, parseLabels } from '../../model/index.ts';

/** Labels of the given file, otherwise those that the exporter noted, otherwise those of the family. */
export async function readLabels(
  path: string | undefined,
  network: NetworkInfo,
  model: string,
  ofFamily?: readonly string[],
): Promise<readonly string[]> {
  if (path !== undefined) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw explainFileError(error, 'read the labels', path);
    });
    return dictionaryFor(network, text) ?? parseLabels(text, basename(path));
  }
  const { names, characters } = network;
  const dictionary = characters === undefined ? undefined : dictionaryFor(network, characters);
  const known = dictionary ?? names ?? ofFamily;
  if (known !== undefined) return known;
  throw new InputError(
    'labels-missing',
    `${model} does not name its classes.`,
    'Name them with --labels: a text file with one per line in the order of training, or the data.yaml.',
  );
}

/** Where the network reads lines of text, of which each character is a label. */
function dictionaryFor({ inputs, outputs }: NetworkInfo, text: string): readonly string[] | undefined {
  const picture = inputs.find(({ shape }) => shape.length === 4);
  const [only, ...more] = outputs;
  const [, , values] = only?.shape ?? [];
  const height = picture?.shape[2];
  const isLine = typeof height === 'number' && height <= 64 && only?.shape.length === 3;
  if (!isLine || more.length > 0 || typeof values !== 'number') return undefined;
  return dictionaryOf(dictionaryLines(text), values);
}
