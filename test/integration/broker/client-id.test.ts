import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '../../../src/protocol/index.ts';
import { brokerKinds, type FleetBroker } from '../fleet/brokers.ts';
import { eventually } from '../fleet/program.ts';

describe.each(brokerKinds)(
  'A device that calls itself by another’s client id ($title)',
  ({ make, missing }) => {
    let folder: string;
    let broker: FleetBroker;
    const open: MqttClient[] = [];

    beforeAll(async () => {
      if (missing !== undefined) return;
      folder = mkdtempSync(join(tmpdir(), 'goshawk-client-id-'));
      broker = make(folder);
      await broker.start();
    });
    afterAll(async () => {
      if (missing !== undefined) return;
      for (const client of open) await client.endAsync(true).catch(() => {});
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** With the key or the password of `name`. */
    async function connect(name: string, clientId: string): Promise<MqttClient> {
      const { url, username, passwordFile, caFile, certFile, keyFile } = broker.access(name);
      const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
      const client = await connectAsync(url, {
        protocolVersion: 5,
        clientId,
        clean: false,
        reconnectPeriod: 0,
        properties: { sessionExpiryInterval: 60 },
        ...(username === undefined ? {} : { username }),
        ...(passwordFile === undefined ? {} : { password: read(passwordFile)!.toString().trim() }),
        ...(caFile === undefined ? {} : { ca: read(caFile)! }),
        ...(certFile === undefined ? {} : { cert: read(certFile)! }),
        ...(keyFile === undefined ? {} : { key: read(keyFile)! }),
      });
      open.push(client);
      return client;
    }

    it.skipIf(missing !== undefined)(
      `ends nobody’s connection and takes over no session${missing === undefined ? '' : `: ${missing}`}`,
      async () => {
        const controller = await connect('controller', 'controller');
        const neighbour = await connect('cam-1', 'cam-1');
        const lost: string[] = [];
        controller.on('close', () => lost.push('controller'));
        neighbour.on('close', () => lost.push('cam-1'));
        const heard: string[] = [];
        controller.on('message', (topic) => heard.push(topic));
        const orders: string[] = [];
        neighbour.on('message', (_topic, payload) => orders.push(payload.toString()));
        await controller.subscribeAsync('goshawk/1/+/events', { qos: 1 });
        await neighbour.subscribeAsync(topics.desired('cam-1'), { qos: 1 });

        const stolen: string[] = [];
        for (const victim of ['controller', 'cam-1', 'controller', 'cam-1']) {
          // Refused, or let in under its own name: both are well.
          const thief = await connect('cam-2', victim).catch(() => undefined);
          thief?.on('message', (topic) => stolen.push(topic));
          await controller.publishAsync(topics.desired('cam-1'), `after ${victim}`, { qos: 1 });
          await neighbour.publishAsync(topics.events('cam-1'), 'here', { qos: 1 });
          await thief?.endAsync(true);
        }

        await eventually('everything has arrived', async () => heard.length === 4 && orders.length === 4);
        expect(lost).toEqual([]);
        expect(stolen).toEqual([]);
      },
    );
  },
);
