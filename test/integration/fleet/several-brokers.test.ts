import { afterEach, expect, it, vi } from 'vitest';
import { mosquittoMissing } from '../../contract/brokers.ts';
import { BridgedMosquitto } from './bridged-mosquitto.ts';
import { TestFleet } from './fleet.ts';
import { eventsInOutbox } from './ledger.ts';
import { eventually, type Program } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let nodes: BridgedMosquitto;
let fleet: TestFleet;
async function opened(options: { readonly isBridged: boolean }): Promise<void> {
  fleet = await TestFleet.open({
    ...{ title: 'two Mosquittos', missing: undefined, persistent: false },
    make: (folder) => {
      nodes = new BridgedMosquitto(folder, options);
      return nodes;
    },
  });
  await fleet.broker.start();
}
afterEach(() => fleet?.close());

const skipped = mosquittoMissing === undefined ? '' : ` (skipped: ${mosquittoMissing})`;
const told = (program: Program) => program.log.filter(({ event }) => event !== undefined).length;
/** Which node it connected to each time: 0 or 1. */
const visited = (program: Program, name: string) => {
  const { url, servers = [] } = nodes.access(name);
  const ports = [url, ...servers].map((one) => new URL(one).port);
  if (name !== 'controller') ports.reverse();
  return program.log
    .filter((line) => line.msg === 'Connected to the broker' && line.url !== undefined)
    .map((line) => ports.indexOf(new URL(String(line.url)).port));
};

it.skipIf(mosquittoMissing !== undefined)(
  `an agent and a controller follow the list of their broker, and lose and double nothing${skipped}`,
  async () => {
    await opened({ isBridged: true });
    const controller = await fleet.startController();
    const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
    let orders = 0;
    const works = async () => {
      const before = (await fleet.events('cam-1')).length;
      await eventually('events arrive', async () => (await fleet.events('cam-1')).length > before + 10);
      await fleet.online('cam-1');
      orders += 1;
      const body = { pipelines: { front: { maxDetections: orders } } };
      await fleet.client.call('PUT /devices/:id/desired', { params: { id: 'cam-1' }, body });
      await eventually(`it acts on order ${orders}`, async () => {
        const { reported, desired } = await fleet.device('cam-1');
        return reported?.generation === desired?.generation;
      });
    };
    await fleet.online('cam-1');
    await works();
    expect([visited(agent, 'cam-1'), visited(controller, 'controller')]).toEqual([[1], [0]]);

    // The device's node dies: it moves to the controller's.
    await nodes.kill(1);
    await works();
    expect(visited(agent, 'cam-1')).toEqual([1, 0]);

    // The other one dies: both are at the one that is back.
    await nodes.begin(1);
    await nodes.kill(0);
    await works();
    expect([visited(agent, 'cam-1'), visited(controller, 'controller')]).toEqual([
      [1, 0, 1],
      [0, 1],
    ]);

    // The controller's is back. Both stay where they are, and the bridge leads to no client.
    await nodes.begin(0);
    await works();
    expect(visited(agent, 'cam-1')).toEqual([1, 0, 1]);

    await allArrived(agent);
  },
);

it.skipIf(mosquittoMissing !== undefined)(
  `an agent at a broker that is not the controller's is unknown, and loses nothing once it comes to that${skipped}`,
  async () => {
    await opened({ isBridged: false });
    await fleet.startController();
    const agent = await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
    await eventually('it tells events', () => told(agent) > 20);
    expect(visited(agent, 'cam-1')).toEqual([1]);
    await expect(fleet.device('cam-1')).rejects.toMatchObject({ code: 'device-unknown' });
    await nodes.kill(1);
    await fleet.online('cam-1');
    await eventually('all came', async () => (await fleet.events('cam-1')).length > 20);
    await allArrived(agent);
  },
);

/** What the agent told is at the controller, once, or still in its outbox. */
async function allArrived(agent: Program): Promise<void> {
  expect(await agent.end()).toMatchObject({ code: 0 });
  const left = await eventsInOutbox(fleet.deviceFolder('cam-1'));
  const events = await fleet.events('cam-1');
  const ids = new Set(events.map(({ id }) => id));
  expect(ids.size).toBe(events.length);
  const arrived = events.filter(({ kind }) => !kind.startsWith('device.'));
  expect(arrived.length + left.filter((id) => !ids.has(id)).length).toBe(told(agent));
  const { malformed } = await fleet.client.call('GET /fleet');
  expect(malformed).toBe(0);
}
