import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AmqplibTelemetrySource } from '../../../src/adapters/amqplib/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { defined, silentLog } from '../../../src/base/index.ts';
import type { TelemetryMessage } from '../../../src/protocol/index.ts';
import { CertifiedFleet } from '../fleet/certified-fleet.ts';
import { eventually, type Program } from '../fleet/program.ts';
import { rabbitmqMissing } from '../fleet/rabbitmq-process.ts';

// RabbitMQ with the files of `goshawk broker config --for rabbitmq`: who a device is, and what it may.

const minutes = 60_000;
const reason = rabbitmqMissing === undefined ? '' : ` (${rabbitmqMissing})`;

describe.skipIf(rabbitmqMissing !== undefined)(`A fleet whose broker is RabbitMQ${reason}`, () => {
  let fleet: CertifiedFleet;
  let agent: Program;

  beforeAll(async () => {
    const base = mkdtempSync(join(tmpdir(), 'goshawk-rabbitmq-'));
    fleet = await CertifiedFleet.start(base, {
      rabbitmq: { devices: ['truck-7', 'truck-8'] },
      brokerClients: [{ name: 'ingest-1', ingest: true }],
    });
  }, 10 * minutes);
  afterAll(async () => {
    await agent?.end();
    await fleet?.close();
  }, 5 * minutes);

  const online = () => fleet.device('truck-7').then((device) => device?.online);

  /** The certificate that the authority gives to `name`. */
  async function certificate(name: string) {
    const issue = ['controller', 'ca', 'issue', '--dir', fleet.file('controller', 'ca')];
    if (!existsSync(fleet.file('clients', `${name}.crt`)))
      await fleet.run(...issue, '--out', fleet.file('clients'), '--as', 'client', '--name', name);
    const file = (end: string) => readFileSync(fleet.file('clients', `${name}.${end}`));
    return { ca: readFileSync(fleet.file('broker', 'ca.crt')), cert: file('crt'), key: file('key') };
  }

  async function client(name: string, id = name): Promise<MqttClient> {
    const tls = await certificate(name);
    const { broker } = JSON.parse(readFileSync(fleet.file('controller.json'), 'utf8'));
    return connectAsync(broker.url, {
      ...{ protocolVersion: 5, clientId: id, reconnectPeriod: 0, connectTimeout: 5 * minutes },
      ...tls,
    });
  }

  /** A process with the role ingest, with the certificate of `name`. */
  async function source(name: string, queues?: readonly string[]): Promise<AmqplibTelemetrySource> {
    const url = `amqps://127.0.0.1:${fleet.rabbitmq?.amqpPort}`;
    const options = { url, clientId: name, tls: await certificate(name), ...defined({ queues }) };
    return new AmqplibTelemetrySource(options, {
      ...{ clock: new SystemClock(), log: silentLog, random: Math.random },
    });
  }

  it(
    'lets a device in by its certificate, and has its reports',
    async () => {
      mkdirSync(fleet.file('agent'));
      writeFileSync(
        fleet.file('agent.json'),
        JSON.stringify({
          ...{ device: 'truck-7', dataDir: fleet.file('agent'), metricsEverySeconds: 1 },
          enrolment: { claimFile: fleet.file('claim.token') },
          cameras: { front: { source: 'sim', fps: 2 } },
        }),
      );
      await fleet.run(
        'claim',
        'create',
        '--name',
        'trucks',
        '--out',
        fleet.file('claim.token'),
        ...fleet.target,
      );
      agent = fleet.program('agent', '--config', fleet.file('agent.json'));
      await eventually('the device is online', online, 5 * minutes);
    },
    10 * minutes,
  );

  it(
    'is known again to a controller that starts anew',
    async () => {
      await fleet.endController();
      await fleet.startController();
      await eventually('the device is online', online, 5 * minutes);
    },
    10 * minutes,
  );

  it(
    'refuses a client that takes the name of another',
    async () => {
      await expect(client('truck-8', 'truck-7')).rejects.toThrow('Client Identifier not valid');
      expect(await online()).toBe(true);
    },
    5 * minutes,
  );

  it(
    'lets a device publish and subscribe only to its own topics',
    async () => {
      // What is refused may end a connection, so each has one of its own.
      const may = async (deed: (device: MqttClient) => Promise<unknown>) => {
        const device = await client('truck-8');
        const ended = new Promise<false>((resolve) => void device.once('close', () => resolve(false)));
        try {
          return await Promise.race([deed(device).then((answer) => answer !== false), ended]);
        } catch {
          return false;
        } finally {
          await device.endAsync(true);
        }
      };
      const hears = (topic: string) =>
        may(async (device) => (await device.subscribeAsync(topic, { qos: 1 }))[0]?.qos === 1);
      const says = (topic: string) => may((device) => device.publishAsync(topic, '{}', { qos: 1 }));
      const asked = {
        hears: ['truck-8/desired', 'truck-8/call/preview', 'truck-7/desired', '+/desired', 'truck-8/#'],
        says: ['truck-8/events', 'truck-8/results/front', 'truck-8/desired', 'truck-7/events'],
      };
      const granted: Record<string, string[]> = { hears: [], says: [] };
      for (const topic of asked.hears) if (await hears(`goshawk/1/${topic}`)) granted.hears!.push(topic);
      for (const topic of asked.says) if (await says(`goshawk/1/${topic}`)) granted.says!.push(topic);
      expect(granted).toEqual({ hears: asked.hears.slice(0, 2), says: asked.says.slice(0, 2) });
      expect(await hears('#')).toBe(false);
      expect(await online()).toBe(true);
    },
    5 * minutes,
  );

  it(
    'gives a process with the role ingest only telemetry from its queues, by certificate',
    async () => {
      const ingest = await source('ingest-1');
      const given: TelemetryMessage[] = [];
      ingest.onMessage((message) => {
        given.push(message);
        return undefined;
      });
      ingest.start();
      await eventually('it has its queues', () => ingest.status().state === 'online');
      const device = await client('truck-8');
      await device.publishAsync('goshawk/1/truck-8/events', 'one', { qos: 1 });
      await device.publishAsync('goshawk/1/truck-8/results/front', 'two', { qos: 1 });
      await device.endAsync();
      const ofDevice = () => given.filter(({ topic }) => topic.startsWith('goshawk/1/truck-8/'));
      await eventually('the event is there', () => ofDevice().some(({ payload }) => `${payload}` === 'one'));
      // What was published before there was a process waited for it.
      expect(new Set(given.map(({ topic }) => topic.split('/')[3]))).toEqual(new Set(['metrics', 'events']));
      // Not settled: it comes again to the next one.
      await ingest.close();
      const next = await source('ingest-1');
      const again: string[] = [];
      next.onMessage(({ topic, settle }) => {
        again.push(topic);
        settle?.();
        return undefined;
      });
      next.start();
      await eventually('it comes again', () => again.includes('goshawk/1/truck-8/events'));
      await next.close();
      // Queues of others are theirs; and a device has none of these.
      for (const refused of [
        await source('ingest-1', ['mqtt-subscription-controllerqos1']),
        await source('truck-8'),
      ]) {
        refused.start();
        await eventually('it is refused', () => refused.status().state === 'refused');
        expect(refused.status()).toMatchObject({ remedy: expect.stringContaining('devices.brokerClients') });
        await refused.close();
      }
    },
    5 * minutes,
  );

  it(
    'is known after the broker was killed',
    async () => {
      const connections = () => agent.log.filter(({ msg }) => msg === 'Connected to the broker').length;
      const before = connections();
      await fleet.rabbitmq?.restart();
      await eventually('the device has connected again', () => connections() > before, 5 * minutes);
      await eventually('the device is online', online, 5 * minutes);
    },
    10 * minutes,
  );

  it(
    'puts out a device whose user is deleted, and keeps it out',
    async () => {
      fleet.rabbitmq?.control('delete_user', 'truck-7');
      await eventually('the device is offline', async () => (await online()) === false, 5 * minutes);
      await expect(client('truck-7')).rejects.toThrow();
      expect(agent.alive).toBe(true);
    },
    10 * minutes,
  );

  it('has no device with a dot, which the broker would take for two levels of a topic', () => {
    expect(() => fleet.rabbitmq?.permit('truck.9')).toThrow('Give truck.9 another name');
  });
});
