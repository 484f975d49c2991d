import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** Less is not worth a header. */
const leastBytes = 1_400;
/** At the same time: zlib has four threads, which files and names need too. What is beyond goes out as it is. */
const most = 2;
const texts = /^(application\/(json|openapi)|text\/(plain|html|css))/;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const encoders = {
  br: (bytes: Buffer) =>
    brotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
      },
    }),
  gzip: (bytes: Buffer) => zip(bytes, { level: 5 }),
} as const;

/** The better one of those that a client takes; what it refuses by `;q=0` it does not take. */
export function encodingFor(accepted: string | undefined): keyof typeof encoders | undefined {
  const taken = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one))
    .map((one) => one.split(';', 1)[0]?.trim());
  return (['br', 'gzip'] as const).find((encoding) => taken.includes(encoding));
}

/**
 * Packs answers that are text. Of GET alone: the answer to another method may hold a new secret, whose length must not tell
 * what it is. Files of the dashboard and the docs are packed when they are built.
 */
export function addCompression(app: FastifyInstance): void {
  let running = 0;
  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (request.method !== 'GET' || !texts.test(type) || reply.hasHeader('content-encoding')) return payload;
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    const bytes = Buffer.from(payload);
    if (bytes.byteLength < leastBytes) return payload;
    reply.header('vary', 'accept-encoding');
    const encoding = encodingFor(request.headers['accept-encoding']);
    if (encoding === undefined || running >= most) return payload;
    running += 1;
    try {
      const packed = await encoders[encoding](bytes);
      reply.header('content-encoding', encoding);
      reply.removeHeader('content-length');
      return packed;
    } finally {
      running -= 1;
    }
  });
}
