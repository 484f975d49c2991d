import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect as connectPlain, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../src/adapters/aedes/index.ts';
import { healthServer } from '../../src/adapters/fastify/health-server.ts';
import { digestOf } from '../../src/adapters/filesystem/index.ts';
import { serveInferenceGrpc } from '../../src/adapters/grpc/index.ts';
import { serviceName } from '../../src/adapters/grpc/schema.ts';
import { serveInferenceHttp } from '../../src/adapters/inference-http/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { RegistryClient } from '../../src/adapters/oci/index.ts';
import { PeerServer } from '../../src/adapters/peers/index.ts';
import { serveMetrics } from '../../src/adapters/prometheus/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { serveWebSocket } from '../../src/adapters/websocket/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { listen } from '../../src/platform/index.ts';
import { fleetIdentities } from '../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { serve } from '../unit/serving/served.ts';

vi.setConfig({ testTimeout: 240_000 });

// Connections that send a byte now and then, for ever, at each port of a device and of the small servers of a controller (its
// own two ports: connections.test.ts, quotas.test.ts). Who comes after them is served at the first attempt.

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Port {
  readonly port: number;
  /** Connections that it takes, or a little more. */
  readonly most: number;
  /** How a connection begins; without it in the clear. */
  readonly begin?: (port: number) => Socket;
  /** What it drips: a message that is never whole. */
  readonly bytes: Buffer;
  /** Rejects where it is not served. */
  readonly honest: () => Promise<unknown>;
}

const header = Buffer.from(
  'GET /healthz HTTP/1.1\r\nx-drip: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
);
/** CONNECT of MQTT 5 whose remaining length says more than ever comes. */
const mqttConnect = Buffer.from([0x10, 0xff, 0xff, 0x03, 0, 4, ...Buffer.from('MQTT'), 5, 2, 0, 0, 0, 0, 9]);

const inference = () => ({
  service: serve().service,
  facts: { name: 'goshawk', version: '0', extensions: [] },
  ...{ host: '127.0.0.1', port: 0, maxBytes: 10_000 },
});

function fetched(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });
}

const ports: Readonly<Record<string, () => Promise<Port>>> = {
  'the metrics of a device': async () => {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, version: '0', readings: () => [] });
    ends.push(() => server.close());
    const honest = async () => expect(await fetched(server.url)).toBe(200);
    return { port: Number(new URL(server.url).port), most: 32, bytes: header, honest };
  },
  'the health of a controller': async () => {
    const server = healthServer({ health: () => ({ status: 200, body: {} }) });
    const port = await listen(server, 0, '127.0.0.1');
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const honest = async () => expect(await fetched(`http://127.0.0.1:${port}/healthz`)).toBe(200);
    return { port, most: 64, bytes: header, honest };
  },
  'the results of a device': async () => {
    const accept = () => {};
    const server = await serveWebSocket({
      ...{ host: '127.0.0.1', port: 0, origins: [], protocol: 'goshawk', accept, log: silentLog },
    });
    ends.push(() => server.close());
    const honest = () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(server.url);
        ends.push(() => socket.terminate());
        socket.on('open', resolve).on('error', reject);
      });
    return { port: Number(new URL(server.url).port), most: 64, bytes: header, honest };
  },
  'requests over HTTP': async () => {
    const server = await serveInferenceHttp(inference());
    ends.push(() => server.close());
    const honest = async () => expect(await fetched(`${server.url}/v2/health/live`)).toBe(200);
    return { port: Number(new URL(server.url).port), most: 64, bytes: header, honest };
  },
  'requests over gRPC': async () => {
    const server = await serveInferenceGrpc(inference());
    ends.push(() => server.close());
    const address = server.url.replace('grpc://', '');
    const honest = () =>
      new Promise<void>((resolve, reject) => {
        const own = { 'grpc.use_local_subchannel_pool': 1 };
        const client = new Client(address, credentials.createInsecure(), own);
        ends.push(() => client.close());
        const empty = () => Buffer.alloc(0);
        client.makeUnaryRequest(`/${serviceName}/ServerLive`, empty, empty, {}, (error) =>
          error === null ? resolve() : reject(error),
        );
      });
    const begun = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    return { port: Number(address.split(':').at(-1)), most: 64, bytes: begun, honest };
  },
  'models for neighbours': async () => {
    const issue = await fleetIdentities();
    const [one, other] = [await issue('cam-1'), await issue('cam-2')];
    const path = join(temporaryFolder(), 'file');
    const bytes = Buffer.from('a network');
    writeFileSync(path, bytes);
    const digest = digestOf(bytes);
    const server = await PeerServer.start({
      ...{ host: '127.0.0.1', port: 0, identity: one, bytesPerSecond: 1e9, log: silentLog },
      files: async () => new Map([[digest, { path, size: bytes.length }]]),
    });
    ends.push(() => server.close());
    const honest = async () => {
      const url = `https://127.0.0.1:${server.port}`;
      const client = new RegistryClient({ url, identity: () => other, peer: true, answerMs: 20_000 });
      expect(Buffer.from(await client.blob('tiny', digest, bytes.length))).toEqual(bytes);
    };
    const begin = (port: number) =>
      connectTls({ host: '127.0.0.1', port, ...other, rejectUnauthorized: false });
    return { port: server.port, most: 32, begin, bytes: header, honest };
  },
  'the built-in broker': async () => {
    const broker = await startBroker({ port: 0 });
    ends.push(() => broker.close());
    const honest = async () => {
      const transport = new MqttjsTransport(
        { url: broker.url, clientId: 'cam-1', tls: {} },
        { clock: new SystemClock(), log: silentLog, random: Math.random },
      );
      ends.push(() => transport.close());
      const state = new Promise((resolve) =>
        transport.onStatus((status) => status.state === 'connecting' || resolve(status.state)),
      );
      transport.start();
      expect(await state).toBe('online');
    };
    return { port: broker.port, most: 4_000, bytes: mqttConnect, honest };
  },
};

/** One that sends a byte each half second; whether it is cut is the server's to decide. */
function drip({ port, bytes, begin = (to) => connectPlain(to, '127.0.0.1') }: Port, crowd: Set<Socket>) {
  const socket = begin(port);
  let at = 0;
  crowd.add(socket);
  socket.on('error', () => {});
  const timer = setInterval(
    () => socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)),
    500,
  );
  socket.once('close', () => {
    clearInterval(timer);
    crowd.delete(socket);
  });
  ends.push(() => socket.destroy());
  return new Promise((resolve) => {
    socket.once(begin === undefined ? 'connect' : 'ready', resolve);
    socket.once('secureConnect', resolve);
    socket.once('close', resolve);
  });
}

describe('Connections that drip', () => {
  test.each(Object.keys(ports))('keep nobody from %s, and are cut', async (name) => {
    const port = await ports[name]!();
    await port.honest();
    const crowd = new Set<Socket>();
    for (let at = 0; at < port.most + 20; at += 100)
      await Promise.all(Array.from({ length: Math.min(100, port.most + 20 - at) }, () => drip(port, crowd)));
    expect(crowd.size).toBeGreaterThan(port.most / 2);
    await vi.waitFor(() => expect(crowd.size).toBeLessThanOrEqual(port.most), { timeout: 10_000 });
    await port.honest();
    await vi.waitFor(() => expect(crowd.size).toBe(0), { timeout: 120_000, interval: 200 });
    await port.honest();
  });
});
