import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/* Digests as OCI writes them: `sha256:` and 64 hex digits. */

export interface DigestedFile {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export function digestOf(bytes: Uint8Array | string): string {
  return new Digester().add(typeof bytes === 'string' ? Buffer.from(bytes) : bytes).digest;
}

/** Of a file, read in pieces. */
export async function digestFile(path: string): Promise<DigestedFile> {
  const digester = new Digester();
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 18 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) digester.add(chunk);
    },
  );
  return { digest: digester.digest, size: digester.size };
}

/** Of a file that is read into this memory and no other. */
export async function digestThrough(buffer: Uint8Array, path: string): Promise<DigestedFile> {
  const digester = new Digester();
  const file = await open(path, 'r');
  try {
    for (let at = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      digester.add(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return { digest: digester.digest, size: digester.size };
}

/** Of bytes that come in pieces. */
export class Digester {
  readonly #hash = createHash('sha256');
  #digest: string | undefined;
  #size = 0;

  add(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    return this;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Of everything that was added; nothing can be added afterwards. */
  get digest(): string {
    this.#digest ??= `sha256:${this.#hash.digest('hex')}`;
    return this.#digest;
  }
}
