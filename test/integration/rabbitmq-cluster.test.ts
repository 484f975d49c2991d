import { afterEach, beforeEach, expect, test } from 'vitest';
import { telemetryQueues } from '../../src/protocol/index.ts';
import { postgresMissing } from '../fixtures/postgres-server.ts';
import { eventually } from './fleet/program.ts';
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
        url: `amqp://127.0.0.1:${rabbitmq.amqpPort}`,
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

test.skipIf(missing !== undefined)(
  `nothing is lost or doubled when each of three nodes of RabbitMQ is killed and comes back${reason}`,
  { timeout: 30 * minutes },
  async () => {
    expect(online()).toEqual(telemetryQueues.map(() => 3));
    const leader = fleet.program('leader', { roles: ['control'] });
    await leader.line('started');
    const processes = [ingest('ingest-1'), ingest('ingest-2')];
    for (const one of processes) await one.line('started');
    await fleet.devices.start(500);
    await taken(60);
    for (const node of rabbitmq.nodes) {
      await node.end();
      await taken(60);
      await node.begin();
      await eventually('its queues are whole', () => online(node).every((count) => count === 3));
      await taken(60);
    }
    expect(await fleet.stored()).toEqual(fleet.expected);
    expect([leader, ...processes].map(({ alive }) => alive)).toEqual([true, true, true]);
  },
);
