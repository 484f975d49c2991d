import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import {
  bitmapOfMask,
  type Detection,
  type EvaluatedImage,
  evaluate,
  parseYoloLabels,
  parseYoloOutlines,
} from '../../perception/index.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Weaker boxes count for mAP, but a person could not read a picture full of them. */
const drawnFrom = 0.25;

/** COCO's mAP. Truth: label files in YOLO form, named as their pictures. */
export class DetectionAccuracy implements AccuracyMeasure {
  readonly task: 'detection' | 'instance-segmentation' = 'detection';
  readonly rules = { scoreThreshold: 0.01, iouThreshold: 0.65, maxDetections: 100, classes: [] };
  readonly #images: string;
  readonly #folder: string;
  readonly #labels: readonly string[];
  readonly #measured: EvaluatedImage[] = [];
  #unlabelled = 0;

  constructor(images: string, folder: string | undefined, labels: readonly string[]) {
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

  async add(path: string, { width, height }: Picture, detections: readonly Detection[]): Promise<void> {
    const name = labelName(path);
    const text = await readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw explainFileError(error, 'read the labels', name);
      this.#unlabelled += 1;
      return '';
    });
    this.#measured.push(this.judged(text, { width, height }, name, this.#labels.length, detections));
  }

  /** One picture as it counts. */
  protected judged(
    text: string,
    { width, height }: { readonly width: number; readonly height: number },
    name: string,
    classes: number,
    detections: readonly Detection[],
  ): EvaluatedImage {
    return { truth: parseYoloLabels(text, width, height, name, classes), detections: [...detections] };
  }

  drawn(found: readonly Detection[]): readonly Detection[] {
    return found.filter(({ score }) => score >= drawnFrom);
  }

  finish(): TaskAccuracy {
    const { perClass, truth, detections, map, ap50, ap75 } = evaluate(this.#measured);
    return {
      task: this.task,
      ...{ truth, detections, map, ap50, ap75 },
      perClass: perClass.map(({ classId, ...rest }) => ({
        label: this.#labels[classId] ?? String(classId),
        ...rest,
      })),
      unlabelled: this.#unlabelled,
    };
  }
}

/** COCO's mask AP: the overlap is that of the pixels. Truth: outlines in YOLO form. */
export class SegmentationAccuracy extends DetectionAccuracy {
  override readonly task = 'instance-segmentation';

  protected override judged(
    text: string,
    size: { readonly width: number; readonly height: number },
    name: string,
    classes: number,
    detections: readonly Detection[],
  ): EvaluatedImage {
    return {
      truth: parseYoloOutlines(text, size.width, size.height, name, classes),
      detections: detections.map(({ mask, ...rest }) => ({
        ...rest,
        ...(mask === undefined ? {} : { bitmap: bitmapOfMask(mask, rest.box, size) }),
      })),
    };
  }
}

function labelName(path: string): string {
  return `${basename(path, extname(path))}.txt`;
}
