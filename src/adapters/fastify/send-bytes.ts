import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ByteRange, rangeOf } from '../../controller/index.ts';

/** Bytes that have a name for ever, as their digest: whoever has them once need not ask again. */
export interface NamedContent {
  readonly etag: string;
  readonly size: number;
  readonly type: string;
  read(range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
}

/** Answers GET and HEAD: whole (200), a part (206), unchanged (304), a range that it does not have (416). */
export async function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag: name, size, type, read }: NamedContent,
): Promise<void> {
  const etag = `"${name}"`;
  reply.headers({
    'accept-ranges': 'bytes',
    etag,
  });
  if (!reply.hasHeader('cache-control') || reply.getHeader('cache-control') === 'no-store')
    reply.header('cache-control', 'private, max-age=31536000, immutable');
  if (names(request.headers['if-none-match'], etag)) {
    await reply.code(304).send();
    return;
  }
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = request.method === 'GET' ? rangeOf(asked, size) : 'whole';
  if (range === 'unsatisfiable') {
    await reply.code(416).header('content-range', `bytes */${size}`).send();
    return;
  }
  reply.type(type);
  const part = range === 'whole' ? undefined : range;
  const length = part === undefined ? size : part.to - part.from + 1;
  reply.header('content-length', length);
  if (part !== undefined) reply.code(206).header('content-range', `bytes ${part.from}-${part.to}/${size}`);
  if (request.method === 'HEAD') await reply.send();
  else
    await reply.send(length === 0 ? Buffer.alloc(0) : Readable.from(await read(part), { objectMode: false }));
}

function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}
