import { basename, dirname } from 'node:path';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type ClassifiedPicture, type Detection, topAccuracy } from '../../perception/index.ts';
import { foldersOfLabels } from '../pictures/class-folders.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Top-1 and top-5. Truth: the name of the folder that a picture lies in is its label, or the number of its class. */
export class ClassificationAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 5, classes: [] };
  readonly #images: string;
  readonly #labels: readonly string[];
  #classes: ReadonlyMap<string, number> = new Map();
  readonly #measured: ClassifiedPicture[] = [];

  constructor(images: string, folder: string | undefined, labels: readonly string[]) {
    if (folder !== undefined) {
      throw new InputError(
        'evaluation-labels',
        'A classifier is evaluated against the folders of its pictures, one folder per label; it has no label files.',
        'Leave --labels out.',
      );
    }
    this.#images = images;
    this.#labels = labels;
  }

  async pictures(): Promise<readonly string[]> {
    const { numbers, files } = await foldersOfLabels(this.#images, this.#labels);
    this.#classes = numbers;
    return files;
  }

  async add(path: string, _picture: Picture, found: readonly Detection[]): Promise<void> {
    this.#measured.push({ truth: this.#truthOf(path), said: found.map(({ classId }) => classId) });
  }

  async alone(path: string, _picture: Picture, [found]: readonly Detection[]): Promise<number> {
    return found?.classId === this.#truthOf(path) ? 1 : 0;
  }

  #truthOf(path: string): number {
    const truth = this.#classes.get(basename(dirname(path)));
    if (truth === undefined) throw new RangeError(`${path} is in no folder of a class`);
    return truth;
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found.slice(0, 1);
  }

  finish(): TaskAccuracy {
    const { top1, top5, balanced, perClass } = topAccuracy(this.#measured);
    return {
      task: 'classification',
      ...{ top1, top5, balanced },
      perClass: perClass.map(({ classId, ...rest }) => ({
        label: this.#labels[classId] ?? String(classId),
        ...rest,
      })),
    };
  }
}
