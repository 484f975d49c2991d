import type { Artifacts, ModelRegistry } from '../models/model-registry.ts';
import { blobUnknown } from './failures.ts';
import type { BlobStore, ByteRange } from './ports.ts';

/**
 * Every byte that the controller holds, by digest: the blobs, and the manifests of bundles, which lie in folders of their own.
 */
export class StoredBlobs {
  readonly #blobs: BlobStore;
  readonly #artifacts: Artifacts;
  readonly #models: ModelRegistry;

  constructor(blobs: BlobStore, artifacts: Artifacts, models: ModelRegistry) {
    this.#blobs = blobs;
    this.#artifacts = artifacts;
    this.#models = models;
  }

  async sizeOf(digest: string): Promise<number | undefined> {
    return (await this.#blobs.stat(digest))?.size ?? this.#models.holderOf(digest)?.file.size;
  }

  /** MissingError `blob-unknown`. */
  async read(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    if ((await this.#blobs.stat(digest)) !== undefined) return this.#blobs.read(digest, range);
    const holder = this.#models.holderOf(digest);
    if (holder === undefined) throw blobUnknown(digest);
    return this.#artifacts.read(holder.bundle, holder.file, range);
  }

  /** For what is small and of a known size. */
  async readWhole(digest: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.read(digest)) chunks.push(chunk);
    const whole = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    return whole;
  }
}
