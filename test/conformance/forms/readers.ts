import type { OutputContract } from '../../../src/model/index.ts';
import { Candidates, HeadDecoder } from '../../../src/perception/decode/index.ts';
import type { OutputTensor } from '../../../src/perception/index.ts';

/** One box as a reader of outputs gives it: class, score, corners in pixels of the input. */
export type Box = readonly [classId: number, score: number, x1: number, y1: number, x2: number, y2: number];

/** Something that reads outputs by the record of a bundle; every one has to say the same as the oracle. */
export interface Reader {
  readonly name: string;
  /** Why it can't run here. */
  readonly missing?: string | undefined;
  /** Boxes that reach the threshold, best class each, before NMS, in the order of rows. */
  read(
    head: OutputContract,
    size: { readonly width: number; readonly height: number; readonly classes: number },
    outputs: readonly OutputTensor[],
    scoreThreshold: number,
  ): Box[];
}

const headDecoder: Reader = {
  name: 'HeadDecoder',
  read(head, size, outputs, scoreThreshold) {
    const into = new Candidates();
    const options = { scoreThreshold, multiLabel: false };
    new HeadDecoder(head, size, size.classes).run(outputs, options, into, Number.POSITIVE_INFINITY);
    return Array.from({ length: into.count }, (_, i): Box => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = into.boxes.subarray(4 * i, 4 * i + 4);
      return [into.classes[i]!, into.scores[i]!, x1, y1, x2, y2];
    });
  },
};

/**
 * The native interpreter belongs here as a second entry, once `native.postprocess` takes a head: with no NMS (an IoU above 1), no
 * cap, and a frame of the input's size, its boxes are these, clipped to the picture and sorted by score.
 */
export const readers: readonly Reader[] = [headDecoder];
