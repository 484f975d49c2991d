import type { FastifyReply, FastifyRequest } from 'fastify';
import { LimitError } from '../../base/index.ts';

/** A body of JSON, which is 1 MiB at most, has to be there by then. */
const bodyMs = 30_000;

/** Who sends a body drop by drop holds a place of its token, and no longer than this. */
export function limitBodyTime({ raw }: FastifyRequest, reply: FastifyReply, limitMs = bodyMs): void {
  if (raw.complete) return;
  const timer = setTimeout(() => {
    if (raw.complete || reply.sent) return;
    const { code, message, remedy } = new LimitError(
      'request-slow',
      `The body of the request did not arrive within ${limitMs / 1000} s.`,
      'Send it at once, or over a faster line.',
    );
    reply.hijack();
    reply.raw
      .writeHead(408, { 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify({ code, message, remedy }), () => raw.destroy());
  }, limitMs);
  reply.raw.once('close', () => clearTimeout(timer));
  raw.once('end', () => clearTimeout(timer));
}

/**
 * The rest of a body that is not wanted is read and dropped, since who is cut off while sending never reads the answer; but
 * not for ever.
 */
export function limitRest({ raw }: FastifyRequest, reply: FastifyReply, limitMs = bodyMs): void {
  if (raw.complete) return;
  // Fastify closes after a body that it refuses, and the client gets a reset in place of the answer.
  reply.removeHeader('connection');
  const timer = setTimeout(() => raw.destroy(), limitMs);
  raw.once('close', () => clearTimeout(timer));
}
