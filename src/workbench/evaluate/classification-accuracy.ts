import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type ClassifiedPicture, type Detection, topAccuracy } from '../../perception/index.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Top-1 and top-5. Truth: the name of the folder that a picture lies in is its label, or the number of its class. */
export class ClassificationAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 5, classes: [] };
  readonly #images: string;
  readonly #labels: readonly string[];
  readonly #classes = new Map<string, number>();
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
    const entries = await readdir(this.#images, { withFileTypes: true }).catch((error: unknown) => {
      throw explainFileError(error, 'read the pictures', this.#images);
    });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const unknown: string[] = [];
    for (const name of folders) {
      const classId = classOf(name, this.#labels);
      if (classId === undefined) unknown.push(name);
      else this.#classes.set(name, classId);
    }
    if (folders.length === 0 || unknown.length > 0) {
      throw new InputError(
        'labels-folders',
        folders.length === 0
          ? `${this.#images} holds no folders; a classifier is evaluated on one folder of pictures per label.`
          : `${unknown.length} of ${folders.length} folders in ${this.#images} are not labels of the model: ${unknown.slice(0, 5).join(', ')}.`,
        `Name each folder as a label of the model (${this.#labels.slice(0, 5).join(', ')}${this.#labels.length > 5 ? ', ...' : ''}), or as the number of its class.`,
      );
    }
    const paths: string[] = [];
    for (const name of this.#classes.keys()) paths.push(...(await listPictures(join(this.#images, name))));
    return paths;
  }

  async add(path: string, _picture: Picture, found: readonly Detection[]): Promise<void> {
    const truth = this.#classes.get(basename(dirname(path)));
    if (truth === undefined) throw new RangeError(`${path} is in no folder of a class`);
    this.#measured.push({ truth, said: found.map(({ classId }) => classId) });
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

/** `traffic_light`, `Traffic light` and the number of the class all name the label "traffic light". */
function classOf(folder: string, labels: readonly string[]): number | undefined {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const found = labels.findIndex((label) => plain(label) === plain(folder));
  if (found >= 0) return found;
  const number = /^\d{1,5}$/.test(folder) ? Number(folder) : -1;
  return number >= 0 && number < labels.length ? number : undefined;
}
