import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { telemetryQueues } from '../../src/protocol/index.ts';
import { postgresMissing } from '../fixtures/postgres-server.ts';
import { eventually, type Program } from './fleet/program.ts';
import { RabbitmqCluster } from './fleet/rabbitmq-cluster.ts';
import { rabbitmqMissing } from './fleet/rabbitmq-process.ts';
import { SharedDatabase } from './fleet/shared-database.ts';

const missing = postgresMissing ?? rabbitmqMissing;
const reason = missing === undefined ? '' : ` (${missing})`;
const minutes = 60_000;

let fleet: SharedDatabase;
let rabbitmq: RabbitmqCluster;
beforeEach(async () => {
  if (missing !== undefined) return;
  fleet = await SharedDatabase.start({
    startBroker: async (folder) => {
      rabbitmq = await RabbitmqCluster.start(folder);
      return rabbitmq;
    },
  });
}, 15 * minutes);
afterEach(() => fleet?.close());

const ingest = (client: string) =>
  fleet.program(client, {
    roles: ['ingest'],
    ingest: {
      client,
      broker: {
        ...rabbitmq.amqp,
        ...{ username: 'guest', passwordFile: fleet.file('guest', 'guest') },
      },
    },
  });
const taken = (more: number) => {
  const before = fleet.devices.acknowledged.size;
  return eventually('data is taken', () => fleet.devices.acknowledged.size > before + more);
};

/** Of each queue of telemetry: on how many nodes it has a member that runs. */
const members = `base64:encode(rabbit_json:encode([
  length(proplists:get_value(online, rabbit_amqqueue:info(Q, [online])))
  || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) == rabbit_quorum_queue
])).`;
const online = (node = rabbitmq.nodes[0]): readonly number[] => {
  const text = node?.control('-q', 'eval', members).replaceAll(/[^A-Za-z0-9+/=]/g, '') ?? '';
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
};

interface Generation {
  readonly generation: number;
}

/** Asks the leader. */
async function leads(program: Program) {
  const { url } = await program.line('started');
  const token = readFileSync(join(fleet.folder, 'leader', 'admin.token'), 'utf8').trim();
  return async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
}

/** What the database has of the metrics of this device: ranges of batches, one for each of its sessions. */
const rangesOf = async (device: string) =>
  (
    await fleet.server.sql(
      `SELECT ranges FROM goshawk.received JOIN goshawk.device ON id = device WHERE name = '${device}'`,
    )
  ).map(({ ranges }) => JSON.parse(String(ranges)) as [number, number][]);

/** Connections that the program had, by its log: the port of each node. */
const connections = (program: Program) =>
  program.log.filter(({ msg }) => msg === 'Connected to the broker').map(({ url }) => String(url));

test.skipIf(missing !== undefined)(
  `nothing is lost or doubled when nodes of RabbitMQ are killed or stopped and come back, and devices follow${reason}`,
  { timeout: 30 * minutes },
  async () => {
    expect(online()).toEqual(telemetryQueues.map(() => 3));
    const leader = fleet.program('leader', { roles: ['control'] });
    const ask = await leads(leader);
    const processes = [ingest('ingest-1'), ingest('ingest-2')];
    for (const one of processes) await one.line('started');
    await fleet.devices.start(500);
    const agents = ['truck-7', 'truck-8', 'truck-9'];
    const programs = agents.map((device) => fleet.agent(device));
    let orders = 0;
    /** Each device acts on a new order, whatever node it is at. */
    const obeyed = async () => {
      orders += 1;
      for (const device of agents) {
        await eventually('the device is online', async () => {
          const { summary } = await ask(`/devices/${device}`);
          return (summary as { readonly online: boolean }).online;
        });
        await ask(`/devices/${device}/desired`, { pipelines: { front: { maxDetections: orders } } });
      }
      for (const device of agents)
        await eventually(`${device} acts on order ${orders}`, async () => {
          const { reported, desired } = await ask(`/devices/${device}`);
          return (reported as Generation).generation === (desired as Generation).generation;
        });
    };
    await obeyed();
    await taken(60);
    const [first, second, third] = rabbitmq.nodes;
    const harms = [
      [first, 'end'],
      [second, 'stop'],
      [third, 'end'],
      [first, 'stop'],
    ] as const;
    for (const [node, how] of harms) {
      await node?.[how]();
      await taken(60);
      await obeyed();
      await node?.begin();
      await eventually('its queues are whole', () => online(node).every((count) => count === 3));
      await taken(60);
    }
    await obeyed();
    // Each of them lost the node that it was at, and found another one at least once.
    for (const program of programs) expect(new Set(connections(program)).size).toBeGreaterThanOrEqual(2);
    expect(await fleet.stored()).toEqual(fleet.expected);
    for (const device of agents) {
      await eventually('its batches are whole', async () =>
        (await rangesOf(device)).every((ranges) => ranges.length === 1),
      );
      expect((await rangesOf(device)).map(([range]) => range?.[0])).toEqual([0]);
    }
    expect([leader, ...processes, ...programs].every(({ alive }) => alive)).toBe(true);
  },
);
