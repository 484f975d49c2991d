import type { GoldenFiles } from '../../src/agent/index.ts';
import { MissingError } from '../../src/base/index.ts';
import type { GoldenSet } from '../../src/model/index.ts';
import type { Image } from '../../src/perception/index.ts';

/** A golden set of frames that all show one car, in memory. */
export class FakeGoldenFiles implements GoldenFiles {
  readonly set: GoldenSet;

  /** `minMap`: then the car is what there is, too. */
  constructor(
    frames = 1,
    minAgreement: GoldenSet['minAgreement'] = { fp32: 0.95 },
    minMap?: GoldenSet['minMap'],
  ) {
    this.set = {
      ...(minMap === undefined ? {} : { minMap }),
      ...{ schema: 1, strongScore: 0.4, weakScore: 0.2, iou: 0.5, nmsIou: 0.45, minAgreement },
      frames: Array.from({ length: frames }, (_, i) => ({
        file: `golden/00${i}.jpg`,
        detections: [{ label: 'car', score: 0.9, box: [10, 10, 30, 30] }],
        ...(minMap === undefined ? {} : { truth: [{ label: 'car', box: [10, 10, 30, 30] }] }),
      })),
    };
  }

  /** Pictures that are not on the disk. */
  readonly gone = new Set<string>();

  async read(): Promise<GoldenSet> {
    return this.set;
  }

  async picture(_bundle: unknown, file: string): Promise<Image> {
    if (this.gone.has(file)) throw new MissingError('file-missing', `There is no ${file}.`, '');
    return { width: 64, height: 64, step: 192, encoding: 'rgb8', data: new Uint8Array(64 * 192) };
  }
}
