import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import type { Picture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { type Detection, type EmbeddedPicture, retrievalAccuracy } from '../../perception/index.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';

/** Recall at 1 and 5. Truth: pictures in one folder show the same. */
export class EmbeddingAccuracy implements AccuracyMeasure {
  readonly rules = { scoreThreshold: 0, iouThreshold: 1, maxDetections: 1, classes: [] };
  readonly #images: string;
  readonly #identities = new Map<string, number>();
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
    const entries = await readdir(this.#images, { withFileTypes: true }).catch((error: unknown) => {
      throw explainFileError(error, 'read the pictures', this.#images);
    });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    if (folders.length < 2)
      throw new InputError(
        'labels-folders',
        `${this.#images} holds ${folders.length} folders; one for each thing or person is needed, two at least.`,
        'Put pictures of the same into one folder.',
      );
    const paths: string[] = [];
    for (const [at, name] of folders.sort().entries()) {
      this.#identities.set(name, at);
      paths.push(...(await listPictures(join(this.#images, name))));
    }
    return paths;
  }

  async add(path: string, _picture: Picture, [found]: readonly Detection[]): Promise<void> {
    const identity = this.#identities.get(basename(dirname(path)));
    if (identity === undefined) throw new RangeError(`${path} is in no folder of an identity`);
    if (found?.embedding !== undefined) this.#measured.push({ identity, embedding: found.embedding });
  }

  drawn(): readonly Detection[] {
    return [];
  }

  finish(): TaskAccuracy {
    return { task: 'embedding', identities: this.#identities.size, ...retrievalAccuracy(this.#measured) };
  }
}
