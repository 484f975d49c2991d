/**
 * A fleet of processes is harmed in turns while devices send: `npm run bench -- ingest-chaos [--seconds 240] [--every 20]
 * [--devices 10] [--period 500] [--broker mosquitto|rabbitmq|rabbitmq-cluster] [--harms kill,stop,leader,kill-leader,partition,database,node]`.
 * At the end each event and each batch must be in PostgreSQL once. Prints the counts, and after each harm how long no device had
 * an acknowledgement, and until nothing waited that had been sent before.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventually, type Program } from '../integration/fleet/program.ts';
import { RabbitmqCluster } from '../integration/fleet/rabbitmq-cluster.ts';
import { RabbitmqProcess } from '../integration/fleet/rabbitmq-process.ts';
import { SharedDatabase } from '../integration/fleet/shared-database.ts';
import { TcpBalancer } from '../integration/fleet/tcp-balancer.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '240' },
    every: { type: 'string', default: '20' },
    devices: { type: 'string', default: '10' },
    period: { type: 'string', default: '500' },
    broker: { type: 'string', default: 'mosquitto' },
    harms: { type: 'string', default: 'kill' },
  },
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Longer than a session of the database outlives who holds it (15 s). */
const stoppedMs = 20_000;

let rabbitmq: RabbitmqProcess | RabbitmqCluster | undefined;
const fleet = await SharedDatabase.start({
  devices: Number(values.devices),
  ...(values.broker === 'rabbitmq' && {
    startBroker: async (folder: string) => {
      const broker = await RabbitmqProcess.open(join(folder, 'rabbitmq'));
      rabbitmq = broker;
      return { url: broker.url, close: () => broker.end() };
    },
  }),
  ...(values.broker === 'rabbitmq-cluster' && {
    startBroker: async (folder: string) => {
      rabbitmq = await RabbitmqCluster.start(folder);
      return rabbitmq;
    },
  }),
});
let names = 0;
const ingest = (): Program => {
  names += 1;
  const client = `ingest-${names}`;
  const account = { username: 'guest', passwordFile: fleet.file('guest', 'guest') };
  const amqp =
    rabbitmq instanceof RabbitmqCluster
      ? rabbitmq.amqp
      : rabbitmq && { url: `amqp://127.0.0.1:${rabbitmq.amqpPort}` };
  const broker = amqp && { ...amqp, ...account };
  return fleet.program(client, { roles: ['ingest'], ingest: { client, ...(broker && { broker }) } });
};
/** A controller whose network to the database and to the broker can be cut. */
interface Control {
  readonly program: Program;
  readonly networks: readonly TcpBalancer[];
}
const control = async (): Promise<Control> => {
  names += 1;
  const { url, servers } = fleet.addresses;
  const broker = await TcpBalancer.start([url, ...servers].map((one) => Number(new URL(one).port)));
  const database = await TcpBalancer.start([fleet.server.port]);
  const program = fleet.program(`control-${names}`, {
    roles: ['control'],
    broker: { url: `mqtt://127.0.0.1:${broker.port}` },
    database: {
      url: `postgres://postgres@127.0.0.1:${database.port}/postgres`,
      passwordFile: join(fleet.folder, 'password'),
    },
  });
  return { program, networks: [broker, database] };
};
let leader = await control();
await leader.program.line('started');
let standby = await control();
let running = [ingest(), ingest()];
for (const one of running) await one.line('started');
await fleet.devices.start(Number(values.period));

const replaced = async (first: Program, next: Program) => {
  running = [...running.filter((one) => one !== first), next];
  await next.line('started');
};
let nodes = 0;
/** The one that led for the last time must end. */
async function refused(): Promise<void> {
  const { code, stderr } = await leader.program.exited();
  if (code !== 5 || !stderr.includes('has taken the database over'))
    throw new Error(`The leader that came back was not refused: ${code} ${stderr.slice(-500)}`);
  await succeed();
}
async function succeed(): Promise<void> {
  for (const network of leader.networks) network.close();
  leader = standby;
  standby = await control();
}
/** Each resolves when the fleet is whole again. */
const harms: Readonly<Record<string, () => Promise<void>>> = {
  async kill() {
    const [first] = running;
    if (first === undefined) return;
    const next = ingest();
    await first.end('SIGKILL');
    await replaced(first, next);
  },
  async stop() {
    const [first] = running;
    if (first === undefined) return;
    first.signal('SIGSTOP');
    await pause(stoppedMs);
    first.signal('SIGCONT');
    running = [...running.slice(1), first];
  },
  async leader() {
    leader.program.signal('SIGSTOP');
    await standby.program.line('started');
    leader.program.signal('SIGCONT');
    await refused();
  },
  async 'kill-leader'() {
    await leader.program.end('SIGKILL');
    await standby.program.line('started');
    await succeed();
  },
  /** It has neither database nor broker, and no connection ends. */
  async partition() {
    for (const network of leader.networks) network.silence();
    await standby.program.line('started');
    for (const network of leader.networks) network.heal();
    await refused();
  },
  async database() {
    await fleet.server.end('immediate');
    await fleet.server.begin();
  },
  async node() {
    if (!(rabbitmq instanceof RabbitmqCluster)) throw new Error('--broker rabbitmq-cluster has nodes');
    const node = rabbitmq.nodes[nodes++ % rabbitmq.nodes.length];
    await node?.end();
    await pause(stoppedMs);
    await node?.begin();
  },
};

interface Recovery {
  readonly harm: string;
  readonly silentMs: number;
  readonly wholeMs: number;
}
const recoveries: Recovery[] = [];
const turns = values.harms.split(',');
const begin = performance.now();
let most = 0;
let [lastAck, acknowledged, longest] = [performance.now(), 0, 0];
const watch = setInterval(() => {
  const now = performance.now();
  most = Math.max(most, fleet.devices.waiting);
  longest = Math.max(longest, now - lastAck);
  if (fleet.devices.acknowledged.size > acknowledged) lastAck = now;
  acknowledged = fleet.devices.acknowledged.size;
}, 50);
for (let turn = 0; performance.now() - begin < Number(values.seconds) * 1000; turn++) {
  await pause(Number(values.every) * 1000);
  const harm = turns[turn % turns.length] ?? 'kill';
  const harmed = performance.now();
  longest = 0;
  await harms[harm]?.();
  const sentBefore = 2 * fleet.devices.sent;
  await eventually('all is acknowledged', () => fleet.devices.acknowledged.size >= sentBefore);
  recoveries.push({ harm, silentMs: Math.round(longest), wholeMs: Math.round(performance.now() - harmed) });
  console.log(JSON.stringify(recoveries.at(-1)));
}
clearInterval(watch);
const stored = await fleet.stored();
const { sent } = fleet.devices;
const right = JSON.stringify(stored) === JSON.stringify(fleet.expected);
console.log(
  `${recoveries.length} harms in ${Math.round((performance.now() - begin) / 1000)} s; ${sent} events and ${sent} batches sent; stored ${stored.events} events (${stored.distinctEvents} ids), ${stored.batches} batches; lost ${sent - stored.distinctEvents}, doubled ${stored.events - stored.distinctEvents}; most unacknowledged at once ${most}`,
);
for (const harm of new Set(turns)) {
  const of = recoveries.filter((one) => one.harm === harm);
  const list = (value: (one: Recovery) => number) =>
    of
      .map(value)
      .sort((a, b) => a - b)
      .join(', ');
  console.log(
    `${harm}: without an acknowledgement ${list(({ silentMs }) => silentMs)} ms; whole after ${list(({ wholeMs }) => wholeMs)} ms`,
  );
}
for (const { networks } of [leader, standby]) for (const network of networks) network.close();
await fleet.close();
if (!right) process.exitCode = 1;
