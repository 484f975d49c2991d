import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, RefusedError } from '../../base/index.ts';
import type { BlobStore, ReferenceAnswers, ReferenceRequest } from '../../controller/index.ts';
import { chooseVariant, goldenPath, type Manifest, parseManifest } from '../../model/index.ts';
import { mostAnswered } from '../../protocol/index.ts';
import { runJob } from '../trials/run-job.ts';

const limitMs = 120_000;

/**
 * Runs models of the registry on onnxruntime-node, in a process of its own without this one's environment: a network may crash
 * it. Of a bundle only what is needed is laid out, and deleted afterwards.
 */
export class RegistryReferences implements ReferenceAnswers {
  readonly #blobs: Pick<BlobStore, 'read'>;

  constructor(blobs: Pick<BlobStore, 'read'>) {
    this.#blobs = blobs;
  }

  async answer({ model, pictures, challenges, signal }: ReferenceRequest) {
    const folder = await mkdtemp(join(tmpdir(), 'goshawk-challenge-'));
    try {
      const [bundle, shown] = [join(folder, 'model'), join(folder, 'pictures')];
      await this.#layOut(model, bundle, networkOf);
      const frames = new Set(challenges.map(({ frame }) => frame));
      await this.#layOut(pictures, shown, (manifest) => goldenOf(manifest, frames));
      const { answers } = await runJob(
        { kind: 'answers', bundle, pictures: shown, challenges, most: mostAnswered },
        {
          what: 'The model',
          ...{ limitMs, signal, environment: { PATH: process.env.PATH } },
        },
      );
      return answers.map((answer) => [...answer]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** MissingError `blob-unknown` for a file that the registry has only encrypted. */
  async #layOut(
    digest: string,
    folder: string,
    needed: (manifest: Manifest) => readonly { readonly path: string; readonly digest: string }[],
  ): Promise<void> {
    const path = join(folder, 'manifest.json');
    await this.#write(digest, path);
    for (const file of needed(parseManifest(await readFile(path, 'utf8'), path)))
      await this.#write(file.digest, join(folder, file.path));
  }

  async #write(digest: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await this.#blobs.read(digest), createWriteStream(path));
  }
}

function networkOf(manifest: Manifest) {
  if (manifest.output.raw !== undefined)
    throw new RefusedError(
      'challenge-code',
      `${manifest.name} ${manifest.version} contains a decoder module, which the controller does not run.`,
      'Leave the metric challenges out of the gate.',
    );
  return [chooseVariant(manifest, 'onnxruntime-node').variant.file];
}

function goldenOf({ name, version, attachments = [] }: Manifest, frames: ReadonlySet<string>) {
  const files = attachments.filter(({ path }) => path === goldenPath || frames.has(path));
  if (files.length === frames.size + 1) return files;
  throw new InputError(
    'challenge-pictures',
    `${name} ${version} does not have all golden frames that were drawn.`,
    'Push the bundle again: goshawk model push.',
  );
}
