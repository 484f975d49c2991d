import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { telemetryQueues } from '../../src/protocol/index.ts';
import { postgresMissing } from '../fixtures/postgres-server.ts';
import { eventually } from './fleet/program.ts';
import { RabbitmqProcess, rabbitmqMissing } from './fleet/rabbitmq-process.ts';
import { SharedDatabase } from './fleet/shared-database.ts';

const missing = postgresMissing ?? rabbitmqMissing;
const reason = missing === undefined ? '' : ` (${missing})`;
const minutes = 60_000;

let fleet: SharedDatabase;
let rabbitmq: RabbitmqProcess;
beforeEach(async () => {
  if (missing !== undefined) return;
  fleet = await SharedDatabase.start({
    startBroker: async (folder) => {
      rabbitmq = await RabbitmqProcess.open(join(folder, 'rabbitmq'));
      return { url: rabbitmq.url, close: () => rabbitmq.end() };
    },
  });
}, 5 * minutes);
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

interface ListedQueue {
  readonly messages: number;
  /** Of its active consumer: `<client> <queue>`. */
  readonly tag: string;
}

/** Of each queue of telemetry; `list_queues` does not say who is active, and `list_consumers` fails at queues of MQTT. */
const listing = `base64:encode(rabbit_json:encode([begin
  I = rabbit_amqqueue:info(Q, [messages, single_active_consumer_tag]),
  #{messages => proplists:get_value(messages, I), tag => proplists:get_value(single_active_consumer_tag, I)}
end || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) == rabbit_quorum_queue])).`;

function queues(): readonly ListedQueue[] {
  const text = rabbitmq.control('-q', 'eval', listing).replaceAll(/[^A-Za-z0-9+/=]/g, '');
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
}

/** Which process takes from each. */
const active = () => queues().map(({ tag }) => tag.split(' ')[0]);

test.skipIf(missing !== undefined)(
  `processes share the queues of RabbitMQ, and nothing is lost or doubled when they are killed${reason}`,
  { timeout: 15 * minutes },
  async () => {
    const { devices } = fleet;
    const leader = fleet.program('leader', { roles: ['control'] });
    await leader.line('started');
    let [first, second] = [ingest('ingest-1'), ingest('ingest-2')];
    await first.line('started');
    await second.line('started');
    await devices.start(500);
    await taken(60);
    // Each has its part, and each queue has one.
    const shares = active();
    expect(shares).toHaveLength(telemetryQueues.length);
    expect(new Set(shares)).toEqual(new Set(['ingest-1', 'ingest-2']));
    for (let turn = 0; turn < 3; turn++) {
      await first.end('SIGKILL');
      const gone = turn % 2 === 0 ? 'ingest-1' : 'ingest-2';
      await eventually('the other has its queues', () => !active().includes(gone));
      await taken(60);
      [first, second] = [second, ingest(gone)];
      await second.line('started');
      await eventually('it has queues again', () => active().includes(gone));
      await taken(60);
    }
    expect(await fleet.stored()).toEqual(fleet.expected);
    // What was stored is acknowledged: nothing waits at the broker.
    await eventually('the queues are empty', () => queues().every(({ messages }) => messages === 0));
  },
);
