import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, MeanIouCounter } from '../../perception/index.ts';
import { readClassMap } from '../pictures/truth-files.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Mean IoU. Truth: a grey PNG per picture, named as it, whose values are the numbers of the classes; 255 is ignored. */
export class SemanticAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 10_000, classes: [] };
  readonly #images: string;
  readonly #folder: string;
  readonly #labels: readonly string[];
  readonly #counter: MeanIouCounter;

  constructor(images: string, folder: string | undefined, labels: readonly string[]) {
    if (folder === undefined) {
      throw new InputError(
        'evaluation-labels',
        'Semantic segmentation is evaluated against maps of classes, and no labels were named.',
        'Name the folder of the maps: --labels. They are grey PNG files, named as their pictures.',
      );
    }
    this.#images = images;
    this.#folder = folder;
    this.#labels = labels;
    this.#counter = new MeanIouCounter(labels.length);
  }

  pictures(): Promise<readonly string[]> {
    return listPictures(this.#images);
  }

  async add(path: string, picture: Picture, found: readonly Detection[]): Promise<void> {
    await this.#count(this.#counter, path, picture, found);
  }

  async alone(path: string, picture: Picture, found: readonly Detection[]): Promise<number> {
    const counter = new MeanIouCounter(this.#labels.length);
    await this.#count(counter, path, picture, found);
    return counter.result.miou;
  }

  async #count(counter: MeanIouCounter, path: string, picture: Picture, found: readonly Detection[]) {
    const truth = await readClassMap(this.#folder, path, picture, this.#labels.length);
    counter.add(truth, picture.width, found);
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found;
  }

  finish(): TaskAccuracy {
    const { miou, pixelAccuracy, perClass } = this.#counter.result;
    return {
      task: 'semantic-segmentation',
      ...{ miou, pixelAccuracy },
      perClass: perClass.map(({ classId, ...rest }) => ({
        label: this.#labels[classId] ?? String(classId),
        ...rest,
      })),
    };
  }
}
