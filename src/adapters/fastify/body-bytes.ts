import { Readable } from 'node:stream';
import { LimitError } from '../../base/index.ts';

/**
 * The bytes of a body. Leaving it half-read neither cuts the connection nor blocks it: the client must still get to know
 * why. A request without a body has none to read.
 */
export async function* bytesOf(body: unknown): AsyncIterable<Uint8Array> {
  if (!(body instanceof Readable)) return;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } finally {
    body.resume();
  }
}

/** All of it in memory; LimitError `file-too-large` beyond so many bytes. */
export async function collect(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > maxBytes)
      throw new LimitError(
        'file-too-large',
        `${what} is larger than ${maxBytes} bytes.`,
        'Check that this is the right file.',
      );
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
