import { basename, dirname } from 'node:path';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, type EmbeddedPicture, retrievalAccuracy } from '../../perception/index.ts';
import { foldersOfIdentities } from '../pictures/class-folders.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Recall at 1 and 5. Truth: pictures in one folder show the same. */
export class EmbeddingAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 1, classes: [] };
  readonly #images: string;
  #identities: ReadonlyMap<string, number> = new Map();
  readonly #measured: EmbeddedPicture[] = [];

  constructor(images: string, folder: string | undefined) {
    if (folder !== undefined)
      throw new InputError(
        'evaluation-labels',
        'Embeddings are evaluated by the folders of their pictures, one folder for each object or person; there are no label files.',
        'Leave --labels out.',
      );
    this.#images = images;
  }

  async pictures(): Promise<readonly string[]> {
    const { numbers, files } = await foldersOfIdentities(this.#images);
    this.#identities = numbers;
    return files;
  }

  async add(path: string, _picture: Picture, [found]: readonly Detection[]): Promise<void> {
    const identity = this.#identities.get(basename(dirname(path)));
    if (identity === undefined) throw new RangeError(`${path} is in no folder of an identity`);
    if (found?.embedding !== undefined) this.#measured.push({ identity, embedding: found.embedding });
  }

  async alone(): Promise<undefined> {}

  drawn(): readonly Detection[] {
    return [];
  }

  finish(): TaskAccuracy {
    const { queries, recall1, recall5 } = retrievalAccuracy(this.#measured);
    return { task: 'embedding', identities: this.#identities.size, queries, recall1, recall5 };
  }
}
