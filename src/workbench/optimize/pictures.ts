import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type InputContract, pictureSides } from '../../model/index.ts';
import type { RunTensors, SampleSet } from '../../optimize/index.ts';
import { Letterboxer, type LetterboxGeometry } from '../../perception/index.ts';
import { type ClassFolders, foldersIn } from '../pictures/class-folders.ts';
import { type LabelledFolder, openLabelledFolder } from '../pictures/labelled-folder.ts';

/** Prepared pictures stay in memory up to this much, since a search looks at them many times. */
const cacheBytes = 1_500_000_000;

export interface PreparedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly geometry: LetterboxGeometry;
}

/** Pictures, and what is known of them. */
interface Pictures extends LabelledFolder {
  /** Of each picture, where its folder says what it shows: the number of that. */
  readonly numbers?: readonly number[];
}

export interface PictureSetOptions {
  /** At most so many. */
  readonly limit?: number;
  /** Of a classifier or an embedding, whose truth is the folder of a picture. */
  readonly folders?: (images: string) => Promise<ClassFolders>;
}

/** A folder of pictures as the network takes them, with what its labels say where there are any. */
export class PictureSet implements SampleSet {
  readonly name: string;
  readonly files: readonly string[];
  /** Folder of the label files. */
  readonly labels: string | undefined;
  readonly #contract: InputContract;
  readonly #letterboxer: Letterboxer;
  readonly #cache = new Map<number, { readonly picture: PreparedPicture; readonly data: Float32Array }>();
  readonly #numbers: readonly number[] | undefined;

  private constructor({ name, files, labels, numbers }: Pictures, contract: InputContract) {
    this.name = name;
    this.files = files;
    this.labels = labels;
    this.#contract = contract;
    this.#letterboxer = new Letterboxer(contract);
    this.#numbers = numbers;
  }

  /** `folder` holds pictures, `images/` and `labels/` as YOLO data sets do, or a folder for each label. */
  static async open(
    folder: string,
    contract: InputContract,
    { limit = Number.POSITIVE_INFINITY, folders }: PictureSetOptions = {},
  ): Promise<PictureSet> {
    const found = folders && (await byFolders(folder, folders, limit));
    return new PictureSet(found ?? (await openLabelledFolder(folder, { limit })), contract);
  }

  get count(): number {
    return this.files.length;
  }

  get labelled(): boolean {
    return this.labels !== undefined || this.#numbers !== undefined;
  }

  /** What the folder of the picture says that it shows. */
  numberOf(index: number): number {
    const number = this.#numbers?.[index];
    if (number === undefined) throw new RangeError(`no number of picture ${index}`);
    return number;
  }

  async input(index: number): Promise<RunTensors> {
    const { data } = await this.#prepared(index);
    const { tensor } = this.#contract;
    const dims = [1, ...pictureSides(this.#contract)];
    return { [tensor]: { dataType: 1, dims, data } };
  }

  async picture(index: number): Promise<PreparedPicture> {
    return (await this.#prepared(index)).picture;
  }

  async #prepared(index: number) {
    const known = this.#cache.get(index);
    if (known !== undefined) return known;
    const path = this.files[index];
    if (path === undefined) throw new RangeError(`no picture ${index}`);
    const image = await decodePicture(await readFile(path), path);
    const data = this.#letterboxer.allocate();
    if (!(data instanceof Float32Array)) {
      throw new InputError(
        'model-input-type',
        `The model's input ${this.#contract.tensor} is ${this.#contract.dtype}; the optimizer starts from float32.`,
        'Start from the float32 model.',
      );
    }
    const geometry = this.#letterboxer.run(image, data);
    const made = { picture: { path, width: image.width, height: image.height, geometry }, data };
    if ((this.#cache.size + 1) * data.byteLength <= cacheBytes) this.#cache.set(index, made);
    return made;
  }
}

/** undefined: it has no folders, so nothing is known of its pictures. */
async function byFolders(
  folder: string,
  open: NonNullable<PictureSetOptions['folders']>,
  limit: number,
): Promise<Pictures | undefined> {
  const names = await foldersIn(folder);
  if (names.length === 0 || names.includes('images')) return undefined;
  const { numbers, files: all } = await open(folder);
  // Some of every folder.
  const step = Math.max(1, all.length / limit);
  const files = Array.from({ length: Math.min(limit, all.length) }, (_, i) => all[Math.floor(i * step)]!);
  const numberOf = (path: string) => numbers.get(basename(dirname(path))) ?? 0;
  return { name: basename(folder), files, labels: undefined, numbers: files.map(numberOf) };
}
