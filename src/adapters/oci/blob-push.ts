import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { CancelledError, GoshawkError, MissingError } from '../../base/index.ts';
import type { Got } from './http.ts';
import type { RegistryHttp } from './registry-http.ts';
import type { UploadMemory } from './upload-memory.ts';

/** A file, or bytes, with the digest and size that they must have. */
export interface PushedBlob {
  readonly digest: string;
  readonly size: number;
  readonly from: Uint8Array | { readonly file: string; readonly start?: number };
}

export const pushScope = (repository: string) => `repository:${repository}:pull,push`;
/** What is smaller goes in one request. */
const smallBlob = 1024 * 1024;

/** Blobs on their way to a registry, in uploads that can be gone on with. */
export class BlobPush {
  readonly #http: RegistryHttp;
  readonly #tries: number;
  readonly #uploads: UploadMemory | undefined;

  constructor(
    http: RegistryHttp,
    { tries, uploads }: { readonly tries: number; readonly uploads: UploadMemory | undefined },
  ) {
    this.#http = http;
    this.#tries = tries;
    this.#uploads = uploads;
  }

  /** Goes on where a broken connection, or a command that was ended, left it. */
  async push(repository: string, blob: PushedBlob, onBytes: (bytes: number) => void): Promise<void> {
    const scope = pushScope(repository);
    const { digest, size } = blob;
    const name = `${this.#http.url}/${repository}@${digest}`;
    const isLarge = size > smallBlob;
    const known = isLarge ? await this.#known(name, scope, size) : undefined;
    let { place: at, have } = known ?? { place: await this.#beginUpload(repository, scope), have: 0 };
    for (let attempt = 1; isLarge && have < size; attempt += 1) {
      if (have === 0) await this.#uploads?.keep(name, at);
      try {
        at = await this.#sendParts(at, have, blob, scope, onBytes);
        have = size;
      } catch (error) {
        // docker-registry gives an upload up whose connection broke.
        const isGivenUp = error instanceof GoshawkError && error.code === 'registry-missing';
        if (!isGivenUp || attempt >= this.#tries) throw error;
        at = await this.#beginUpload(repository, scope);
        have = 0;
      }
    }
    const whole = size > smallBlob ? undefined : await bytesOf(blob);
    const last = {
      ...{ method: 'PUT', takes: [201], scope, repeats: false },
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(whole?.byteLength ?? 0),
      },
      ...(whole === undefined ? {} : { body: () => whole }),
    };
    await this.#http.exchange(withDigest(at, digest), last, async () => undefined);
    if (isLarge) await this.#uploads?.forget(name);
    onBytes(size);
  }

  async #beginUpload(repository: string, scope: string): Promise<string> {
    return this.#http.exchange(
      `${this.#http.url}/v2/${repository}/blobs/uploads/`,
      { method: 'POST', takes: [202], scope, headers: { 'content-length': '0' } },
      async (begun) => this.#http.own(begun.header('location') ?? ''),
    );
  }

  /** An upload that an earlier command began, where the registry still has it. */
  async #known(
    name: string,
    scope: string,
    size: number,
  ): Promise<{ readonly place: string; readonly have: number } | undefined> {
    const kept = await this.#uploads?.find(name);
    if (kept === undefined) return undefined;
    try {
      const found = await this.#uploaded(this.#http.own(kept), scope);
      if (found.have <= size) return found;
    } catch (error) {
      // What it says of an upload that is over differs; one that nobody can ask now may go on later.
      const isOver = error instanceof GoshawkError && !(error instanceof CancelledError);
      if (!isOver || ['registry-unreachable', 'registry-busy'].includes(error.code)) throw error;
    }
    await this.#uploads?.forget(name);
    return undefined;
  }

  async #sendParts(
    at: string,
    begun: number,
    blob: PushedBlob,
    scope: string,
    onBytes: (bytes: number) => void,
  ): Promise<string> {
    const { size } = blob;
    let place = at;
    let have = begun;
    for (let attempt = 1; have < size; attempt += 1) {
      try {
        const from = have;
        const took = await this.#http.stream(place, {
          ...{ method: 'PATCH', takes: [202], scope, body: () => partOf(blob, from, onBytes) },
          headers: {
            'content-type': 'application/octet-stream',
            'content-length': String(size - from),
            'content-range': `${from}-${size - 1}`,
          },
        });
        place = this.#http.own(took.header('location') ?? place);
        have = size;
      } catch (error) {
        if (!(error instanceof MissingError) || attempt >= this.#tries) throw error;
        ({ place, have } = await this.#uploaded(place, scope));
      }
    }
    return place;
  }

  /** How much the registry has of an upload. */
  async #uploaded(place: string, scope: string): Promise<{ readonly place: string; readonly have: number }> {
    return this.#http.exchange(place, { takes: [204, 200], scope }, async (status: Got) => {
      const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(status.header('range') ?? '')?.[1] ?? 0);
      const at = status.header('location');
      return { place: at === undefined ? place : this.#http.own(at), have: last === 0 ? 0 : last + 1 };
    });
  }
}

function withDigest(location: string, digest: string): string {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url.href;
}

async function bytesOf({ from, size }: PushedBlob): Promise<Uint8Array> {
  if (from instanceof Uint8Array) return from;
  const file = await open(from.file, 'r');
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, from.start ?? 0).finally(() => file.close());
  return bytes.subarray(0, bytesRead);
}

function partOf(
  { from, size }: PushedBlob,
  start: number,
  onBytes: (bytes: number) => void,
): Uint8Array | ReadableStream<Uint8Array> {
  if (from instanceof Uint8Array) return from.subarray(start);
  let at = start;
  const counted = async function* () {
    const first = from.start ?? 0;
    const range = { start: first + start, end: first + size - 1 };
    for await (const chunk of createReadStream(from.file, { ...range, highWaterMark: 1 << 18 })) {
      at += (chunk as Buffer).byteLength;
      onBytes(at);
      yield chunk as Buffer;
    }
  };
  return Readable.toWeb(Readable.from(counted(), { objectMode: false })) as ReadableStream<Uint8Array>;
}
