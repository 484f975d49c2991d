import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { decodeGrey16, decodePicture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The class of each pixel: a grey PNG named as the picture; 255 is ignored. */
export async function readClassMap(
  folder: string,
  path: string,
  size: Size,
  classCount: number,
): Promise<Uint8Array> {
  const { name, bytes } = await read(folder, path, '.png');
  const map = await decodePicture(bytes, name);
  refuseOtherSize(name, map, size);
  const truth = new Uint8Array(map.width * map.height);
  for (let i = 0; i < truth.length; i++) {
    const [r, g, b] = [map.data[3 * i]!, map.data[3 * i + 1]!, map.data[3 * i + 2]!];
    const known = r === 255 || r < classCount;
    if (r !== g || g !== b || !known) {
      throw new InputError(
        'labels-map',
        known || r !== g || g !== b
          ? `${name} has colours; a map is grey, and its values are the numbers of the classes.`
          : `${name} has a pixel of class ${r}, but the model has ${classCount} labels (0 to ${classCount - 1}).`,
        'Export the maps with class numbers as grey values; 255 is ignored.',
      );
    }
    truth[i] = r;
  }
  return truth;
}

/** Metres of each pixel: a grey PNG with 16 bits named as the picture; 0 is not judged. */
export async function readDistances(
  folder: string,
  path: string,
  size: Size,
  perMetre: number,
): Promise<Float32Array> {
  const { name, bytes } = await read(folder, path, '.png');
  const { data, width, height } = await decodeGrey16(bytes);
  refuseOtherSize(name, { width, height }, size);
  const values = new Uint16Array(data.buffer, data.byteOffset, width * height);
  return Float32Array.from(values, (value) => value / perMetre);
}

/** What a picture of a line says: a .txt named as it. */
export async function readLine(folder: string, path: string): Promise<string> {
  const file = join(folder, `${basename(path, extname(path))}.txt`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, 'read the text of the picture', file);
  });
  return text.replace(/\r?\n$/, '');
}

async function read(folder: string, path: string, extension: string) {
  const name = `${basename(path, extname(path))}${extension}`;
  const file = join(folder, name);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw explainFileError(error, 'read the labels', file);
  });
  return { name, bytes };
}

function refuseOtherSize(name: string, map: Size, picture: Size): void {
  if (map.width === picture.width && map.height === picture.height) return;
  throw new InputError(
    'labels-size',
    `${name} is ${map.width}x${map.height}, and its picture is ${picture.width}x${picture.height}.`,
    'A map has one value for each pixel of its picture.',
  );
}
