/*
 * How long the first rows of a large fleet take over HTTP, and how many bytes: `npm run bench -- first-rows`.
 * Devices, broker and database are in memory; the server is the controller's own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactFolder } from '../../src/adapters/artifacts/index.ts';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { birth } from '../fakes/test-fleet.ts';

const devices = 10_000;
const rounds = 20;
const clock = new SystemClock();
const folder = mkdtempSync(join(tmpdir(), 'goshawk-rows-'));
const broker = new FakeBroker(clock);
const controller = new FleetController({
  ...{ clock, log: silentLog, store: new FakeStore(), secrets: nodeSecrets },
  transport: new FakeTransport(broker, 'controller'),
  artifacts: artifactFolder(join(folder, 'artifacts')),
});
const server = new FleetServer(
  { controller, metrics: new FleetMetrics(controller), clock, log: silentLog },
  { host: '127.0.0.1', port: 0, version: '0' },
);
await controller.start();
const fleet = new FakeTransport(broker, 'devices');
fleet.start();
while (fleet.status().state !== 'online') await new Promise((resolve) => setTimeout(resolve, 10));
for (let at = 0; at < devices; at += 1) {
  const payload = encodePayload('state', birth);
  await fleet.publish({
    topic: topics.state(`cam-${`${at}`.padStart(5, '0')}`),
    payload,
    qos: 1,
    retain: true,
  });
}
while (controller.registry.size < devices) await new Promise((resolve) => setTimeout(resolve, 50));
await controller.flush();
const url = await server.listen();
const admin = { tokenId: 't0', name: 'bench', role: 'admin' } as const;
const { token } = await controller.access.createToken(admin, { name: 'bench', role: 'viewer' });

/** Milliseconds to the last byte, and bytes. */
const get = (path: string, accept: string) =>
  new Promise<readonly [number, number]>((resolve, reject) => {
    const began = performance.now();
    const headers = { authorization: `Bearer ${token}`, 'accept-encoding': accept };
    request(`${url}/api/v1${path}`, { headers, agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve([performance.now() - began, bytes]));
    })
      .on('error', reject)
      .end();
  });

console.log(`${controller.registry.size} devices, median and most of ${rounds} requests`);
for (const path of ['/devices?limit=100', '/devices?limit=1000', '/devices?limit=100&search=777'])
  for (const accept of ['identity', 'gzip', 'br']) {
    const all: (readonly [number, number])[] = [];
    for (let round = 0; round < rounds; round += 1) all.push(await get(path, accept));
    const times = all.map(([ms]) => ms).sort((a, b) => a - b);
    const of = (ms = 0) => ms.toFixed(0);
    console.log(
      `${path} ${accept}: ${of(times[rounds / 2])} ms, ${of(times.at(-1))} ms, ${((all[0]?.[1] ?? 0) / 1000).toFixed(1)} kB`,
    );
  }
await server.close();
await controller.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
