import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, type ReadPicture, textAccuracy } from '../../perception/index.ts';
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
    const file = join(this.#folder, `${basename(path, extname(path))}.txt`);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw explainFileError(error, 'read the text of the picture', file);
    });
    this.#measured.push({ truth: text.replace(/\r?\n$/, ''), said: found?.label ?? '' });
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found;
  }

  finish(): TaskAccuracy {
    const { wordAccuracy, cer } = textAccuracy(this.#measured);
    return { task: 'text', wordAccuracy, cer };
  }
}
