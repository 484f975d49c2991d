import { readFile } from 'node:fs/promises';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { type InputContract, pictureSides } from '../../model/index.ts';
import type { RunTensors, SampleSet } from '../../optimize/index.ts';
import { Letterboxer, type LetterboxGeometry, type TruthBox } from '../../perception/index.ts';
import { type LabelledFolder, openLabelledFolder, readTruth } from '../pictures/labelled-folder.ts';

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

  private constructor({ name, files, labels }: LabelledFolder, contract: InputContract) {
    this.name = name;
    this.files = files;
    this.#contract = contract;
    this.#letterboxer = new Letterboxer(contract);
    this.#labelFolder = labels;
  }

  /** `folder` holds pictures, or `images/` and `labels/` as YOLO data sets do. */
  static async open(
    folder: string,
    contract: InputContract,
    labelFolder?: string,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<PictureSet> {
    const found = await openLabelledFolder(folder, {
      limit,
      ...defined({ labels: labelFolder }),
    });
    return new PictureSet(found, contract);
  }

  get count(): number {
    return this.files.length;
  }

  get labelled(): boolean {
    return this.#labelFolder !== undefined;
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

  /** Ground truth of one picture in pixels; a picture without a label file has none. */
  async truth(index: number, classCount: number): Promise<TruthBox[]> {
    return readTruth(this.#labelFolder ?? '', await this.picture(index), classCount);
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
