import type { Clock } from '../../base/index.ts';
import { isDigest } from '../../model/index.ts';
import {
  blobUnknown,
  digestForm,
  digestWrong,
  registryFull,
  uploadBusy,
  uploadRange,
  uploadUnknown,
} from './failures.ts';
import type { BlobStore, UploadStage } from './ports.ts';
import type { Repositories } from './repositories.ts';

export interface BlobLimits {
  readonly maxBlobBytes: number;
  /** Uploads that are open at the same time: of everybody, and of one token. */
  readonly maxUploads: number;
  readonly maxUploadsPerToken: number;
}

export const defaultBlobLimits: BlobLimits = {
  maxBlobBytes: 4 * 1024 ** 3,
  maxUploads: 256,
  maxUploadsPerToken: 64,
};

export interface BlobUploadsPorts {
  readonly blobs: BlobStore;
  readonly uploads: UploadStage;
  readonly repositories: Repositories;
  readonly clock: Clock;
  /** Can't be guessed. */
  readonly newId: () => string;
}

interface OpenUpload {
  /** Undefined for an upload from before a restart, until it is continued. */
  readonly repository: string | undefined;
  readonly token: string | undefined;
  busy: boolean;
}

/** Blobs on their way into repositories. Nothing of an upload can be read before it is whole and its digest is right. */
export class BlobUploads {
  readonly #ports: BlobUploadsPorts;
  readonly #limits: BlobLimits;
  readonly #open = new Map<string, OpenUpload>();

  constructor(ports: BlobUploadsPorts, limits: Partial<BlobLimits> = {}) {
    this.#ports = ports;
    this.#limits = { ...defaultBlobLimits, ...limits };
  }

  /** Uploads of an earlier life can be gone on with by whoever knows their id. */
  async load(): Promise<void> {
    for (const { id } of await this.#ports.uploads.list())
      this.#open.set(id, { repository: undefined, token: undefined, busy: false });
  }

  async begin(repository: string, token: string): Promise<string> {
    await this.#makeRoom(token);
    const id = this.#ports.newId();
    this.#open.set(id, { repository, token, busy: false });
    await this.#ports.uploads.begin(id).catch((error: unknown) => {
      this.#open.delete(id);
      throw error;
    });
    return id;
  }

  /** Bytes that it has. */
  async sizeOf(repository: string, id: string): Promise<number> {
    this.#expect(repository, id);
    return (await this.#ports.uploads.sizeOf(id)) ?? this.#gone(id);
  }

  /** `from`: where the bytes say that they begin. RefusedError `upload-range` where that is not the end. */
  append(
    repository: string,
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    from: number | undefined,
  ): Promise<number> {
    return this.#alone(repository, id, () => this.#add(id, bytes, from));
  }

  /** The last bytes, if any; then the blob is one of the repository. InputError `digest-mismatch` ends the upload. */
  finish(
    repository: string,
    id: string,
    digest: string,
    bytes: AsyncIterable<Uint8Array>,
    from: number | undefined,
  ): Promise<void> {
    if (!isDigest(digest)) throw digestForm(digest);
    return this.#alone(repository, id, async () => {
      const { uploads, blobs } = this.#ports;
      await this.#add(id, bytes, from);
      const staged = await uploads.finish(id);
      if (staged.digest !== digest) {
        await this.#drop(id);
        throw digestWrong(staged.digest, digest);
      }
      await blobs.take(staged);
      this.#open.delete(id);
      await this.link(repository, [{ digest, size: staged.size }]);
    });
  }

  async cancel(repository: string, id: string): Promise<void> {
    await this.#alone(repository, id, () => this.#drop(id));
  }

  /** Bytes that are made here and not sent: manifests and configs. */
  async put(bytes: Uint8Array, digest: string): Promise<void> {
    const { uploads, blobs, newId } = this.#ports;
    const id = newId();
    await uploads.begin(id);
    try {
      await uploads.append(id, once(bytes), bytes.byteLength);
      const staged = await uploads.finish(id);
      if (staged.digest !== digest) throw digestWrong(staged.digest, digest);
      await blobs.take(staged);
    } catch (error) {
      await uploads.cancel(id).catch(() => undefined);
      throw error;
    }
  }

  /** A blob of one repository becomes one of another, without a byte sent. MissingError `blob-unknown`. */
  async mount(repository: string, digest: string, from: string | undefined): Promise<void> {
    const { repositories } = this.#ports;
    const sources = from === undefined ? [...repositories.all()] : [repositories.get(from)];
    const size = sources.map((source) => source?.blob(digest)?.size).find((found) => found !== undefined);
    if (size === undefined || (await this.#ports.blobs.verify(digest)) === undefined)
      throw blobUnknown(digest);
    await this.link(repository, [{ digest, size }]);
  }

  async link(
    repository: string,
    blobs: readonly { readonly digest: string; readonly size: number }[],
  ): Promise<void> {
    const linkedMs = this.#ports.clock.wallMs();
    await this.#ports.repositories.change(repository, (now) =>
      now.withBlobs(blobs.map((blob) => ({ ...blob, linkedMs }))),
    );
  }

  /** Drops what nobody went on with. */
  async dropOlderThan(timeMs: number): Promise<number> {
    let dropped = 0;
    for (const { id, modifiedMs } of await this.#ports.uploads.list()) {
      if (modifiedMs >= timeMs || this.#open.get(id)?.busy === true) continue;
      await this.#drop(id);
      dropped += 1;
    }
    return dropped;
  }

  async #add(id: string, bytes: AsyncIterable<Uint8Array>, from: number | undefined): Promise<number> {
    const { uploads } = this.#ports;
    const have = (await uploads.sizeOf(id)) ?? this.#gone(id);
    if (from !== undefined && from !== have) throw uploadRange(have);
    return uploads.append(id, bytes, this.#limits.maxBlobBytes);
  }

  /** A client that abandons uploads loses its oldest one, instead of being locked out until they expire. */
  async #makeRoom(token: string): Promise<void> {
    const { maxUploads, maxUploadsPerToken } = this.#limits;
    const own = [...this.#open].filter(([, upload]) => upload.token === token);
    const left =
      own.length >= maxUploadsPerToken
        ? own
        : [...this.#open].filter(([, { token: of }]) => of === undefined);
    const idle = left.find(([, upload]) => !upload.busy);
    const isFull = own.length >= maxUploadsPerToken || this.#open.size >= maxUploads;
    if (!isFull) return;
    if (idle === undefined)
      throw registryFull(`${own.length} uploads of this token are open, ${this.#open.size} in all`);
    await this.#drop(idle[0]);
  }

  /** Two requests that add to one upload would mix their bytes. */
  async #alone<T>(repository: string, id: string, work: () => Promise<T>): Promise<T> {
    const upload = this.#expect(repository, id);
    if (upload.busy) throw uploadBusy();
    upload.busy = true;
    try {
      return await work();
    } finally {
      upload.busy = false;
    }
  }

  async #drop(id: string): Promise<void> {
    this.#open.delete(id);
    await this.#ports.uploads.cancel(id);
  }

  #expect(repository: string, id: string): OpenUpload {
    const upload = this.#open.get(id);
    if (upload === undefined || (upload.repository !== undefined && upload.repository !== repository))
      throw uploadUnknown(id);
    return upload;
  }

  #gone(id: string): never {
    this.#open.delete(id);
    throw uploadUnknown(id);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
