import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LimitError } from '../../base/index.ts';
import { type StagedBlob, type UploadInfo, type UploadStage, uploadUnknown } from '../../controller/index.ts';
import { Digester, DiskReserve, digestFile, syncFile } from '../../platform/index.ts';
import { explainArtifactError } from './explain.ts';

const idPattern = /^[A-Za-z0-9-]{1,64}$/;

/** Blobs on their way: one file each, which grows. */
export class UploadFolder implements UploadStage {
  readonly #root: string;
  readonly #reserve: DiskReserve;
  /** Of uploads whose bytes all came through this process and without a fault. */
  readonly #digesters = new Map<string, Digester>();

  constructor(root: string) {
    this.#root = root;
    this.#reserve = new DiskReserve(root, {
      code: 'artifact-disk-full',
      keptFor: 'the database',
      remedy: 'Free space or delete models that no device uses.',
    });
  }

  async begin(id: string): Promise<void> {
    await this.#explained(async () => {
      await mkdir(this.#root, { recursive: true });
      await (await open(this.#file(id), 'wx')).close();
    });
    this.#digesters.set(id, new Digester());
  }

  async sizeOf(id: string): Promise<number | undefined> {
    return stat(this.#file(id)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  async append(id: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
    let size = await this.sizeOf(id);
    if (size === undefined) throw uploadUnknown(id);
    const digester = this.#digesters.get(id);
    // Until the end it is not known whether what was added is what lies there.
    this.#digesters.delete(id);
    await this.#explained(async () => {
      const file = await open(this.#file(id), 'a');
      try {
        for await (const chunk of this.#reserve.watched(bytes)) {
          size = (size ?? 0) + chunk.byteLength;
          if (size > maxBytes) throw tooLarge(maxBytes);
          await file.writeFile(chunk);
          digester?.add(chunk);
        }
      } finally {
        await file.close();
      }
    });
    if (digester !== undefined) this.#digesters.set(id, digester);
    return size;
  }

  async finish(id: string): Promise<StagedBlob> {
    const file = this.#file(id);
    if ((await this.sizeOf(id)) === undefined) throw uploadUnknown(id);
    return this.#explained(async () => {
      await syncFile(file);
      const digester = this.#digesters.get(id);
      this.#digesters.delete(id);
      const { digest, size } = digester ?? (await digestFile(file));
      return { digest, size, file };
    });
  }

  async cancel(id: string): Promise<void> {
    this.#digesters.delete(id);
    await this.#explained(() => rm(this.#file(id), { force: true }));
  }

  async list(): Promise<readonly UploadInfo[]> {
    const names = await readdir(this.#root).catch(() => []);
    const found = await Promise.all(
      names
        .filter((name) => idPattern.test(name))
        .map((id) =>
          stat(join(this.#root, id)).then(
            ({ size, mtimeMs }) => [{ id, size, modifiedMs: mtimeMs }],
            () => [],
          ),
        ),
    );
    return found.flat();
  }

  #file(id: string): string {
    if (!idPattern.test(id)) throw uploadUnknown(id);
    return join(this.#root, id);
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainArtifactError(error, this.#root);
    }
  }
}

function tooLarge(maxBytes: number): LimitError {
  return new LimitError(
    'file-too-large',
    `The upload is larger than ${maxBytes} bytes.`,
    'Upload the file that the manifest describes.',
  );
}
