import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { verifySignature } from '../../src/adapters/webhooks/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { startController } from '../../src/runtime/controller/start.ts';
import { ControllerSettings } from '../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../src/runtime/settings/read.ts';
import { driftData, driftStatus, frozen } from '../fakes/drift-events.ts';
import { admin, birth } from '../fakes/test-fleet.ts';

const ports = { clock: new SystemClock(), log: silentLog, random: Math.random };
const key = 'a key that both sides know';
let folder: string;
let broker: Broker;
let device: MqttjsTransport;
let receiver: Server;
let received: { readonly event: string; readonly body: Record<string, unknown>; readonly genuine: boolean }[];
/** Statuses of the next answers; then 204. */
let answers: number[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-alert-'));
  broker = await startBroker({ port: 0 });
  device = new MqttjsTransport({ url: broker.url, clientId: 'cam-1' }, ports);
  device.start();
  received = [];
  answers = [];
  receiver = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const status = answers.shift() ?? 204;
      const signature = String(request.headers['x-goshawk-signature']);
      if (status === 204)
        received.push({
          event: String(request.headers['x-goshawk-event']),
          body: JSON.parse(body) as Record<string, unknown>,
          genuine: verifySignature(key, body, signature, Date.now()),
        });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await device.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const say = (topic: string, payload: Uint8Array, retain = false) =>
  device.publish({ topic, payload, qos: 1, retain });
const start = (webhooks: object) =>
  startController(
    checkSettings(
      ControllerSettings,
      { dataDir: join(folder, 'data'), broker: { url: broker.url }, http: { port: 0 }, webhooks },
      'test',
    ),
    ports,
  );
const drift = (kind: 'drift.alarm' | 'drift.cleared', entry: number) =>
  say(
    topics.events('cam-1'),
    encodePayload('events', {
      ...{ id: `event-${entry}000`, entry, session: 1, timeMs: Date.now(), camera: 'front', kind },
      ...{ severity: 'error', message: 'sensor fault: frozen', data: { ...driftData(frozen) } },
    }),
  );

test('a frozen camera becomes a signed message, tried again until it is taken, over a restart of the controller', async () => {
  let controller = await start({ allow: ['127.0.0.1'] });
  await until(
    () => device.status().state === 'online' && controller.controller.summary.current().broker === 'online',
  );
  await say(topics.state('cam-1'), encodePayload('state', birth), true);
  const status = {
    ...{ generation: 0, session: 1, timeMs: Date.now(), slots: {}, pipelines: {} },
    drift: {
      front: driftStatus({ incident: { number: 1, verdict: frozen, sinceMs: Date.now(), grade: 'alarm' } }),
    },
  };
  await say(topics.reported('cam-1'), encodePayload('reported', status), true);
  const { port } = receiver.address() as AddressInfo;
  await controller.controller.alerts.createRule(admin, {
    name: 'blind',
    when: { kind: 'drift', verdicts: ['sensor-fault'] },
    forSeconds: 0,
    notify: { to: `http://127.0.0.1:${port}/hook`, secret: key },
  });
  answers = [503, 503, 503, 503];
  await drift('drift.alarm', 1);
  await until(() => answers.length < 3);
  expect(received).toEqual([]);
  await controller.close();

  // Not delivered when it ended: the next start tells it, and the alert is the same.
  answers = [];
  controller = await start({ allow: ['127.0.0.1'] });
  await until(() => received.length > 0);
  expect(received[0]).toMatchObject({
    event: 'alert.firing',
    genuine: true,
    body: { version: 1, alert: { subject: 'cam-1/front', summary: 'cam-1/front: sensor fault: frozen' } },
  });
  expect(controller.controller.alerts.firing).toHaveLength(1);
  await controller.close();
});

test('a controller whose settings do not allow the network inside does not send there', async () => {
  const controller = await start({});
  const { port } = receiver.address() as AddressInfo;
  const { id } = await controller.controller.alerts.createRule(admin, {
    name: 'blind',
    when: { kind: 'drift' },
    notify: { to: `http://127.0.0.1:${port}/hook`, secret: key },
  });
  expect(await controller.controller.alerts.testRule(admin, id)).toEqual({
    delivered: false,
    error: 'The webhook at 127.0.0.1 is not of the public internet, and this controller does not send there.',
    remedy: 'Allow its network in the settings of the controller: webhooks.allow.',
  });
  expect(received).toEqual([]);
  await controller.close();
});

test('a controller begins with the usual rules, and what was deleted does not come back with its database', async () => {
  const names = (controller: Awaited<ReturnType<typeof start>>['controller']) =>
    controller.alerts.listRules('admin').rules.map(({ name }) => name);
  const first = await start({});
  expect(names(first.controller)).toEqual([
    ...[
      'camera blind',
      'drift alarm',
      'device offline',
      'deployment failed',
      'version unproven',
      'order without its second person',
      'target rate missed',
      'disk low',
    ],
  ]);
  const [blind] = first.controller.alerts.listRules('admin').rules;
  await first.controller.alerts.deleteRule(admin, blind?.id ?? '');
  await first.close();
  const second = await start({});
  expect(names(second.controller)).toHaveLength(7);
  expect(names(second.controller)).not.toContain('camera blind');
  await second.close();
});
