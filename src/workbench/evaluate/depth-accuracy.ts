import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { DepthErrorCounter, type Detection } from '../../perception/index.ts';
import { readDistances } from '../pictures/truth-files.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** AbsRel and delta1. Truth: a grey PNG with 16 bits per picture, named as it, metres times `perMetre`; 0 is not judged. */
export class DepthAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 1, classes: [] };
  readonly #images: string;
  readonly #folder: string;
  readonly #perMetre: number;
  readonly #counter = new DepthErrorCounter();
  #compared: 'metres' | 'disparity' = 'metres';

  constructor(images: string, folder: string | undefined, perMetre: number) {
    if (folder === undefined) {
      throw new InputError(
        'evaluation-labels',
        'Depth is evaluated against measured distances, and no labels were named.',
        'Name the folder of the distances: --labels. They are grey PNG files with 16 bits, named as their pictures.',
      );
    }
    this.#images = images;
    this.#folder = folder;
    this.#perMetre = perMetre;
  }

  pictures(): Promise<readonly string[]> {
    return listPictures(this.#images);
  }

  async add(path: string, picture: Picture, found: readonly Detection[]): Promise<void> {
    await this.#count(this.#counter, path, picture, found);
    this.#compared = found[0]?.depth?.gives ?? this.#compared;
  }

  async alone(path: string, picture: Picture, found: readonly Detection[]): Promise<number> {
    const counter = new DepthErrorCounter();
    await this.#count(counter, path, picture, found);
    return counter.result.delta1;
  }

  async #count(counter: DepthErrorCounter, path: string, picture: Picture, [found]: readonly Detection[]) {
    const truth = await readDistances(this.#folder, path, picture, this.#perMetre);
    if (found?.depth !== undefined) counter.add(truth, picture.width, found.depth);
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found;
  }

  finish(): TaskAccuracy {
    const { absRel, delta1, pictures } = this.#counter.result;
    if (pictures > 0) return { task: 'depth', compared: this.#compared, absRel, delta1 };
    throw new InputError(
      'evaluation-empty',
      'None of the pictures has a distance from 1 mm to 80 m.',
      'Say how many of the values are a metre: --per-metre 1000 for millimetres, 256 for KITTI, 5000 for TUM.',
    );
  }
}
