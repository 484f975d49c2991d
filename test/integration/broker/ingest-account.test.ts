import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestSubscriptions, topics } from '../../../src/protocol/index.ts';
import { mosquittoFiles } from '../../../src/runtime/broker/mosquitto.ts';
import { answers, freePort, mosquittoMissing } from '../../contract/brokers.ts';
import { eventually } from '../fleet/program.ts';

const reason = mosquittoMissing === undefined ? '' : ` (${mosquittoMissing})`;
const names = ['controller', 'ingest-1', 'ingest-2', 'd1', 'd2'];

describe.skipIf(mosquittoMissing !== undefined)(
  `The account of an ingest process at Mosquitto${reason}`,
  () => {
    let folder: string;
    let port: number;
    let broker: ChildProcess;
    const open: MqttClient[] = [];

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'goshawk-ingest-account-'));
      port = await freePort();
      const file = (name: string) => join(folder, name);
      const ingest = (name: string) => ({ name, updates: [], results: [], ingest: true });
      const [, acl] = mosquittoFiles({
        ...{ port, folder, controller: 'controller', revocations: undefined },
        clients: [ingest('ingest-1'), ingest('ingest-2')],
      });
      writeFileSync(file('acl'), acl?.text ?? '', { mode: 0o600 });
      writeFileSync(file('users'), names.map((name) => `${name}:${name}\n`).join(''), { mode: 0o600 });
      expect(spawnSync('mosquitto_passwd', ['-U', file('users')]).status).toBe(0);
      const lines = [
        ...(process.getuid?.() === 0 ? ['user root'] : []),
        ...[`listener ${port} 127.0.0.1`, 'allow_anonymous false', 'persistence false'],
        ...[`password_file ${file('users')}`, `acl_file ${file('acl')}`],
      ];
      writeFileSync(file('mosquitto.conf'), `${lines.join('\n')}\n`);
      broker = spawn('mosquitto', ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
      await eventually('Mosquitto listens', () => answers(port));
    });
    afterEach(async () => {
      for (const client of open.splice(0)) await client.endAsync(true).catch(() => {});
      broker.kill();
      await once(broker, 'exit');
      rmSync(folder, { recursive: true, force: true });
    });

    /** Connected by its name, and what it hears. */
    async function connect(name: string) {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
        ...{ protocolVersion: 5, clientId: name, username: name, password: name, reconnectPeriod: 0 },
      });
      open.push(client);
      const heard: string[] = [];
      client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
      return { client, heard };
    }
    const subscribed = (client: MqttClient, filter: string) =>
      client.subscribeAsync(filter, { qos: 1 }).then(
        ([granted]) => granted?.qos === 1,
        () => false,
      );

    it('shares metrics and events of all devices with the others', async () => {
      const [first, second] = [await connect('ingest-1'), await connect('ingest-2')];
      for (const { client } of [first, second])
        for (const { filter } of ingestSubscriptions) expect(await subscribed(client, filter)).toBe(true);
      const { client: device } = await connect('d1');
      for (let at = 0; at < 20; at++) {
        await device.publishAsync(topics.metrics('d1'), `m${at}`, { qos: 1 });
        await device.publishAsync(topics.events('d1'), `e${at}`, { qos: 1 });
      }
      await eventually('all is there', () => first.heard.length + second.heard.length === 40);
      expect(new Set([...first.heard, ...second.heard]).size).toBe(40);
      expect(Math.min(first.heard.length, second.heard.length)).toBeGreaterThan(0);
    });

    it('receives no other topic, whatever it subscribes to', async () => {
      const ingest = await connect('ingest-1');
      const others = [
        '#',
        'goshawk/1/#',
        'goshawk/1/d1/#',
        '$share/x/goshawk/1/#',
        'goshawk/1/+/state',
        'goshawk/1/d1/desired',
      ];
      for (const filter of others) await subscribed(ingest.client, filter);
      const [{ client: controller }, { client: device }] = [await connect('controller'), await connect('d1')];
      for (const kind of ['state', 'reported', 'response', 'preview/front', 'results/front'])
        await device.publishAsync(`goshawk/1/d1/${kind}`, 'x', { qos: 1 });
      await controller.publishAsync(topics.desired('d1'), 'x', { qos: 1 });
      await controller.publishAsync('goshawk/1/d1/call/ack', 'x', { qos: 1 });
      // Last, and it may hear that.
      await device.publishAsync(topics.events('d1'), 'last', { qos: 1 });
      await eventually('the last is there', () => ingest.heard.length > 0);
      expect(new Set(ingest.heard)).toEqual(new Set(['goshawk/1/d1/events last']));
    });

    it('publishes nothing: neither an order, nor an acknowledgement, nor telemetry of a device', async () => {
      const { client: ingest } = await connect('ingest-1');
      const [device, controller] = [await connect('d1'), await connect('controller')];
      await subscribed(device.client, topics.desired('d1'));
      await subscribed(device.client, 'goshawk/1/d1/call/#');
      await subscribed(controller.client, 'goshawk/1/#');
      for (const topic of ['desired', 'call/ack', 'call/update', 'state', 'metrics', 'events'])
        await ingest.publishAsync(`goshawk/1/d1/${topic}`, 'forged', { qos: 1 }).catch(() => {});
      await controller.client.publishAsync(topics.desired('d1'), 'last', { qos: 1 });
      await eventually('the last is there', () => device.heard.length > 0 && controller.heard.length > 0);
      expect(device.heard).toEqual(['goshawk/1/d1/desired last']);
      expect(controller.heard).toEqual(['goshawk/1/d1/desired last']);
    });
  },
);
