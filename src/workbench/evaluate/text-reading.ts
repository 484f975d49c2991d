import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, type ReadPicture, textAccuracy } from '../../perception/index.ts';
import { readLine } from '../pictures/truth-files.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Word accuracy and character error rate. Truth: a .txt per picture of a line, which holds its text. */
export class TextReading implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 1, classes: [] };
  readonly #images: string;
  readonly #folder: string;
  readonly #measured: ReadPicture[] = [];

  constructor(images: string, folder: string | undefined) {
    if (folder === undefined)
      throw new InputError(
        'evaluation-labels',
        'A text reader is evaluated against a text file per picture.',
        'Name their folder: --labels <folder>, with line-1.txt for line-1.png.',
      );
    this.#images = images;
    this.#folder = folder;
  }

  pictures(): Promise<readonly string[]> {
    return listPictures(this.#images);
  }

  async add(path: string, _picture: Picture, [found]: readonly Detection[]): Promise<void> {
    this.#measured.push(await this.#read(path, found));
  }

  async alone(path: string, _picture: Picture, [found]: readonly Detection[]): Promise<number> {
    return textAccuracy([await this.#read(path, found)]).wordAccuracy;
  }

  async #read(path: string, found: Detection | undefined): Promise<ReadPicture> {
    return { truth: await readLine(this.#folder, path), said: found?.label ?? '' };
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found;
  }

  finish(): TaskAccuracy {
    const { wordAccuracy, cer } = textAccuracy(this.#measured);
    return { task: 'text', wordAccuracy, cer };
  }
}
