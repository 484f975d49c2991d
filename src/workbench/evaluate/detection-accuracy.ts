import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import {
  type Detection,
  type EvaluatedImage,
  evaluate,
  parseYoloLabels,
  type TruthForm,
} from '../../perception/index.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';
import { comparedTo } from './compared.ts';

/** Weaker boxes count for mAP, but a person could not read a picture full of them. */
const drawnFrom = 0.25;

/** COCO's mAP of boxes, rotated boxes, masks or points. Truth: label files in YOLO form, named as their pictures. */

export class DetectionAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0.01, iouThreshold: 0.65, maxDetections: 100, classes: [] };
  readonly #images: string;
  readonly #folder: string;
  readonly #labels: readonly string[];
  readonly #measured: EvaluatedImage[] = [];
  readonly #form: TruthForm;
  /** Some truth has more than a box. */
  #asked = false;
  #unlabelled = 0;

  constructor(
    images: string,
    folder: string | undefined,
    labels: readonly string[],
    form: TruthForm = 'boxes',
  ) {
    if (folder === undefined) {
      throw new InputError(
        'evaluation-labels',
        'A detector is evaluated against boxes, and no labels were named.',
        'Name the folder of the label files: --labels.',
      );
    }
    this.#images = images;
    this.#folder = folder;
    this.#labels = labels;
    this.#form = form;
  }

  /** A folder of labels that belongs to other pictures would count every object as background. */
  async pictures(): Promise<readonly string[]> {
    const paths = await listPictures(this.#images);
    const names = await readdir(this.#folder).catch((error: unknown) => {
      throw explainFileError(error, 'read the labels', this.#folder);
    });
    const texts = new Set(names.filter((name) => name.endsWith('.txt')));
    if (paths.some((path) => texts.has(labelName(path)))) return paths;
    const example = labelName(paths[0] ?? '');
    throw new InputError(
      'labels-mismatch',
      `None of the ${paths.length} pictures has a label file in ${this.#folder} (for example ${example}); it holds ${texts.size} .txt files.`,
      'Label files are named as their pictures, with .txt in place of .jpg.',
    );
  }

  async add(path: string, picture: Picture, detections: readonly Detection[]): Promise<void> {
    const text = await this.#labelsOf(path);
    if (text === undefined) this.#unlabelled += 1;
    const image = this.#compared(path, text ?? '', picture, detections);
    this.#asked ||= image.truth.some(
      ({ bitmap, corners, points }) => bitmap !== undefined || corners !== undefined || points !== undefined,
    );
    this.#measured.push(image);
  }

  async alone(path: string, picture: Picture, detections: readonly Detection[]): Promise<number | undefined> {
    const image = this.#compared(path, (await this.#labelsOf(path)) ?? '', picture, detections);
    return image.truth.length === 0 ? undefined : evaluate([image]).map;
  }

  /** Undefined: the picture has no label file. */
  async #labelsOf(path: string): Promise<string | undefined> {
    const name = labelName(path);
    return readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw explainFileError(error, 'read the labels', name);
      return undefined;
    });
  }

  #compared(
    path: string,
    text: string,
    { width, height }: Picture,
    detections: readonly Detection[],
  ): EvaluatedImage {
    const [name, labels, form] = [labelName(path), this.#labels.length, this.#form];
    return {
      truth: parseYoloLabels(text, width, height, name, labels, form),
      detections: detections.map((detection) => comparedTo(detection, { width, height }, form)),
    };
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found.filter(({ score }) => score >= drawnFrom);
  }

  finish(): TaskAccuracy {
    const { perClass, truth, detections, map, ap50, ap75 } = evaluate(this.#measured);
    return {
      task: 'detection',
      compared: this.#asked ? this.#form : 'boxes',
      ...{ truth, detections, map, ap50, ap75 },
      perClass: perClass.map(({ classId, ...rest }) => ({
        label: this.#labels[classId] ?? String(classId),
        ...rest,
      })),
      unlabelled: this.#unlabelled,
    };
  }
}

function labelName(path: string): string {
  return `${basename(path, extname(path))}.txt`;
}
