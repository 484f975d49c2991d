import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import type { InputContract } from '../../model/index.ts';
import type { RunTensors, SampleSet } from '../../optimize/index.ts';
import {
  Letterboxer,
  type LetterboxGeometry,
  parseYoloLabels,
  type TruthBox,
} from '../../perception/index.ts';

const pictureNames = /\.(jpe?g|png|webp)$/i;
/** Prepared pictures stay in memory up to this much, since a search looks at them many times. */
const cacheBytes = 1_500_000_000;

export interface PreparedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly geometry: LetterboxGeometry;
}

/** A folder of pictures as the network takes them; labels in YOLO form beside them where there are any. */
export class PictureSet implements SampleSet {
  readonly name: string;
  readonly files: readonly string[];
  readonly #contract: InputContract;
  readonly #letterboxer: Letterboxer;
  readonly #cache = new Map<number, { readonly picture: PreparedPicture; readonly data: Float32Array }>();
  readonly #labelFolder: string | undefined;

  private constructor(
    folder: string,
    files: readonly string[],
    contract: InputContract,
    labelFolder: string | undefined,
  ) {
    this.name = basename(folder);
    this.files = files;
    this.#contract = contract;
    this.#letterboxer = new Letterboxer(contract);
    this.#labelFolder = labelFolder;
  }

  /** `folder` holds pictures, or `images/` and `labels/` as YOLO data sets do. */
  static async open(
    folder: string,
    contract: InputContract,
    labelFolder?: string,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<PictureSet> {
    const nested = await list(join(folder, 'images'));
    const images = nested === undefined ? folder : join(folder, 'images');
    const names = nested ?? (await list(folder));
    if (names === undefined) {
      throw new MissingError(
        'pictures-missing',
        `There is no folder ${folder}.`,
        'Name a folder of pictures.',
      );
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
    const labels = labelFolder ?? (await labelsBeside(images));
    return new PictureSet(
      folder,
      files.map((name) => join(images, name)),
      contract,
      labels,
    );
  }

  get count(): number {
    return this.files.length;
  }

  get labelled(): boolean {
    return this.#labelFolder !== undefined;
  }

  async input(index: number): Promise<RunTensors> {
    const { data } = await this.#prepared(index);
    const { width, height, layout, tensor } = this.#contract;
    const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
    return { [tensor]: { dataType: 1, dims, data } };
  }

  async picture(index: number): Promise<PreparedPicture> {
    return (await this.#prepared(index)).picture;
  }

  /** Ground truth of one picture in pixels; a picture without a label file has none. */
  async truth(index: number, classCount: number): Promise<TruthBox[]> {
    const path = this.files[index] ?? '';
    const name = `${basename(path, extname(path))}.txt`;
    const text = await readFile(join(this.#labelFolder ?? '', name), 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const { width, height } = await this.picture(index);
    return parseYoloLabels(text, width, height, name, classCount);
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
