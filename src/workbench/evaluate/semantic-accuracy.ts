import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import { decodePicture, type Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, MeanIouCounter } from '../../perception/index.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Mean IoU. Truth: a grey PNG per picture, named as it, whose values are the numbers of the classes; 255 is not judged. */
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
    const name = `${basename(path, extname(path))}.png`;
    const file = join(this.#folder, name);
    const bytes = await readFile(file).catch((error: unknown) => {
      throw explainFileError(error, 'read the labels', file);
    });
    const map = await decodePicture(bytes, name);
    if (map.width !== picture.width || map.height !== picture.height) {
      throw new InputError(
        'labels-size',
        `${name} is ${map.width}x${map.height}, and its picture is ${picture.width}x${picture.height}.`,
        'A map has one value for each pixel of its picture.',
      );
    }
    const truth = new Uint8Array(map.width * map.height);
    for (let i = 0; i < truth.length; i++) {
      const [r, g, b] = [map.data[3 * i]!, map.data[3 * i + 1]!, map.data[3 * i + 2]!];
      const known = r === 255 || r < this.#labels.length;
      if (r !== g || g !== b || !known) {
        throw new InputError(
          'labels-map',
          known || r !== g || g !== b
            ? `${name} has colours; a map is grey, and its values are the numbers of the classes.`
            : `${name} has a pixel of class ${r}, but the model has ${this.#labels.length} labels (0 to ${this.#labels.length - 1}).`,
          'Export the maps with class numbers as grey values; 255 is not judged.',
        );
      }
      truth[i] = r;
    }
    this.#counter.add(truth, map.width, found);
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
