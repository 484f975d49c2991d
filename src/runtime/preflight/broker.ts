import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describeError, MissingError } from '../../base/index.ts';
import { redactSource } from '../sources/redact.ts';
import type { BrokerTry } from './plan.ts';

const waitMs = 5000;
const ports: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Resolves where somebody takes connections there, with a certificate of the authority where it is asked for one. */
export async function reachBroker({ url, caFile }: BrokerTry): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: port === '' ? (ports[protocol] ?? 1883) : Number(port) };
  const secure = protocol === 'mqtts:' || protocol === 'wss:';
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile) };
  const socket = secure
    ? connectTls({ ...to, ...ca, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) })
    : connect(to);
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(waitMs) });
  } catch (error) {
    const late = error instanceof Error && error.name === 'AbortError';
    throw new MissingError(
      'broker-away',
      `The broker at ${redactSource(url)} can't be reached: ${late ? `no answer within ${waitMs / 1000} s` : describeError(error).replace(/\.$/, '')}.`,
      'Check broker.url, broker.servers and broker.caFile, or the network. Until then the agent works, and stores what it reports.',
      { cause: error },
    );
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
