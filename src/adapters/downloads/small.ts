import { LimitError } from '../../base/index.ts';
import type { Got } from './get.ts';

/** The whole body, which may not have more than `most` bytes; what is longer is not read to its end. */
export async function readSmall({ body }: Got, most: number, where: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > most)
      throw new LimitError(
        'download-too-long',
        `${where} is longer than ${most} bytes, and can't be what it should be.`,
        'The server holds another file there.',
      );
  }
  return Buffer.concat(chunks);
}
