import type { Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { defined, describeError, GoshawkError } from '../../base/index.ts';

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
    throw refused(cause, host, port);
  }
}

/** The same for a server without a framework. */
export async function listenAt(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(refused(cause, host, port)));
    server.listen({ host, port }, resolve);
  });
}

function refused(cause: unknown, host: string, port: number): GoshawkError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'EADDRINUSE')
    return new GoshawkError(
      'address-taken',
      `Another program listens on ${host}:${port}.`,
      'Choose another port, or end that program.',
      { cause },
    );
  return new GoshawkError(
    'address-refused',
    `The server can't listen on ${host}:${port}: ${describeError(cause)}.`,
    'Choose an address of this machine and a port above 1023.',
    { cause },
  );
}
