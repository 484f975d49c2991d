import type { FastifyInstance } from 'fastify';
import { defined } from '../../base/index.ts';
import { notListening } from '../../platform/index.ts';

/**
 * Resolves with the address it listens on; rejects with `address-taken` or `address-refused`, and is closed then.
 * `backlog`: connections that may wait to be accepted.
 */
export async function listenOn(
  app: FastifyInstance,
  host: string,
  port: number,
  backlog?: number,
): Promise<string> {
  try {
    return await app.listen({ host, port, ...defined({ backlog }) });
  } catch (cause) {
    await app.close();
    throw notListening(cause, host, port);
  }
}
