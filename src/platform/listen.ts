import type { Server } from 'node:net';
import { describeError, GoshawkError, RefusedError } from '../base/index.ts';

/**
 * The port that it has, which is another one where 0 was asked for. Rejects with `address-taken` or `address-refused`; `remedy`: what to
 * do where another program has the port.
 */
export function listen(server: Server, port: number, host: string, remedy?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => reject(notListening(cause, host, port, remedy));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Why nobody can listen there. */
export function notListening(
  cause: unknown,
  host: string,
  port: number,
  remedy = 'Choose another port, or end that program.',
): GoshawkError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (code === 'EADDRINUSE')
    return new RefusedError('address-taken', `Another program listens on ${address}.`, remedy, { cause });
  return new GoshawkError(
    'address-refused',
    `The server can't listen on ${address}: ${describeError(cause)}.`,
    'Choose an address of this machine and a port above 1023.',
    { cause },
  );
}
