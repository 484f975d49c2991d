import { connect } from 'node:net';
import { cameraUnreachable, networkReason } from '../../perception/index.ts';

const ports: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 };
const reachMs = 1500;

/**
 * Resolves when somebody takes connections there. A machine that is cut off is asked by one packet, not by a program that
 * is started for it. Rejects with a sentence.
 */
export function reach(url: URL, where: string): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (ports[url.protocol] ?? 554) : Number(url.port);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: reachMs });
    const done = (why?: string) => {
      socket.destroy();
      if (why === undefined) resolve();
      else reject(cameraUnreachable(where, why));
    };
    socket.once('connect', () => done());
    socket.once('timeout', () => done(`no answer within ${reachMs / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => done(networkReason(error.code) ?? error.message));
  });
}
