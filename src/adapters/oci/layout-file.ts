import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, MissingError } from '../../base/index.ts';
import {
  type ArtifactManifest,
  blobPath,
  type Descriptor,
  indexFile,
  isDigest,
  layoutFile,
  layoutIndex,
  layoutText,
  maxArtifactBytes,
  readArtifact,
  refNameAnnotation,
} from '../../model/index.ts';
import {
  digestOf,
  explainFileError,
  partialName,
  renameSynced,
  syncFile,
  tarEnd,
  tarHeader,
  tarPadding,
} from '../../platform/index.ts';
import { readTar, type TarEntry } from './read-tar.ts';

export interface LayoutEntry {
  readonly tag: string | undefined;
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly manifest: ArtifactManifest;
}

/** Where bytes lie: a file, and from where on. */
export interface Place {
  readonly file: string;
  readonly start: number;
  readonly size: number;
}

/** An OCI image layout that is read: a folder, or a tar of one. Blobs are found, not unpacked. */
export class LayoutFile {
  readonly #path: string;
  /** Of a tar; a folder is looked into as it is. */
  readonly #entries: ReadonlyMap<string, TarEntry> | undefined;

  private constructor(path: string, entries: ReadonlyMap<string, TarEntry> | undefined) {
    this.#path = path;
    this.#entries = entries;
  }

  static async open(path: string): Promise<LayoutFile> {
    try {
      const isFolder = (await stat(path)).isDirectory();
      return new LayoutFile(path, isFolder ? undefined : await readTar(path));
    } catch (error) {
      throw explainFileError(error, 'read the image layout', path);
    }
  }

  /** Its manifests, with their tags. */
  async entries(): Promise<LayoutEntry[]> {
    const version = await this.#small(layoutFile, 1024);
    if (!/"imageLayoutVersion"\s*:\s*"1\./.test(version.toString('utf8'))) throw this.#noLayout();
    const index = readArtifact(await this.#small(indexFile, maxArtifactBytes));
    if (index.kind !== 'index') throw this.#noLayout();
    const found: LayoutEntry[] = [];
    for (const { digest, size, annotations } of index.index.manifests) {
      const bytes = await this.bytes({ digest, size });
      found.push({ tag: annotations?.[refNameAnnotation], digest, bytes, manifest: readArtifact(bytes) });
    }
    return found;
  }

  /** A small blob, checked. */
  async bytes({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<Uint8Array> {
    if (size > maxArtifactBytes) throw this.#damaged(`${digest} has ${size} bytes`);
    const bytes = await this.#small(blobPath(digest), size);
    if (digestOf(bytes) !== digest) throw this.#damaged(`the bytes of ${digest} are others`);
    return bytes;
  }

  /** The place of a blob. Its readers verify it. */
  async place({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<Place> {
    if (!isDigest(digest)) throw this.#damaged(`${digest} is not a digest`);
    const place = await this.#find(blobPath(digest));
    if (place === undefined) throw this.#damaged(`${digest} is missing`);
    if (place.size !== size) throw this.#damaged(`${digest} has ${place.size} bytes instead of ${size}`);
    return place;
  }

  async #small(name: string, most: number): Promise<Buffer> {
    const place = await this.#find(name);
    if (place === undefined)
      throw name.startsWith('blobs/') ? this.#damaged(`${name} is missing`) : this.#noLayout();
    if (place.size > most) throw this.#damaged(`${name} has ${place.size} bytes`);
    const chunks: Buffer[] = [];
    if (place.size > 0)
      for await (const chunk of createReadStream(place.file, {
        start: place.start,
        end: place.start + place.size - 1,
      }))
        chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  async #find(name: string): Promise<Place | undefined> {
    if (this.#entries !== undefined) {
      const entry = this.#entries.get(name);
      return entry && { file: this.#path, ...entry };
    }
    const file = join(this.#path, name);
    return stat(file).then(
      (found) => (found.isFile() ? { file, start: 0, size: found.size } : undefined),
      () => undefined,
    );
  }

  #noLayout(): InputError {
    return new InputError(
      'layout-form',
      `${this.#path} is no OCI image layout.`,
      'Make one with goshawk model export, or skopeo copy ... oci-archive:FILE (a tar that is not compressed).',
    );
  }

  #damaged(what: string): InputError {
    return new InputError('layout-damaged', `${this.#path} is damaged: ${what}.`, 'Copy or export it again.');
  }
}

/** A blob to write: bytes, or a file with them. */
export interface WrittenBlob extends Pick<Descriptor, 'digest' | 'size'> {
  readonly from: Uint8Array | { readonly file: string };
}

/** A layout as one tar: whole, or not at all. Blobs come in the order that is given, each once. */
export async function writeLayout(
  target: string,
  entry: { readonly manifest: Descriptor; readonly tag: string },
  blobs: readonly WrittenBlob[],
): Promise<void> {
  const partial = partialName(target);
  try {
    const file = await open(partial, 'wx');
    try {
      const add = async (name: string, size: number, chunks: AsyncIterable<Uint8Array>) => {
        await file.writeFile(tarHeader(name, size));
        let written = 0;
        for await (const chunk of chunks) {
          written += chunk.byteLength;
          await file.writeFile(chunk);
        }
        if (written !== size) throw changed(name);
        await file.writeFile(tarPadding(size));
      };
      const small = (name: string, text: string) =>
        add(name, Buffer.byteLength(text), once(Buffer.from(text)));
      await small(layoutFile, layoutText);
      await small(indexFile, JSON.stringify(layoutIndex([entry])));
      const unique = new Map(blobs.map((blob) => [blob.digest, blob]));
      for (const { digest, size, from } of unique.values())
        await add(
          blobPath(digest),
          size,
          from instanceof Uint8Array ? once(from) : createReadStream(from.file),
        );
      await file.writeFile(tarEnd());
    } finally {
      await file.close();
    }
    await syncFile(partial);
    await renameSynced(partial, target);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw explainFileError(error, 'write the image layout', target);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function changed(name: string): MissingError {
  return new MissingError(
    'layout-changed',
    `The file of ${name} changed while it was read.`,
    'Export again.',
  );
}
