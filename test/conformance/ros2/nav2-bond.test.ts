import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  CdrWriter,
  qosProfiles,
  readBondStatus,
  serveLifecycle,
  writeBondStatus,
} from '../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../fakes/fake-ros-graph.ts';
import { bytesOf, hexOf } from './recorded.ts';

const nav2: {
  readonly origin: string;
  readonly manager: { readonly alive: string; readonly ended: string };
  readonly node: { readonly alive: string; readonly ended: string };
} = JSON.parse(readFileSync(path.join(import.meta.dirname, 'nav2-bond.json'), 'utf8'));

/** What /bond carried between a lifecycle manager of nav2 and its nodes. */
const words = [nav2.manager.alive, nav2.manager.ended, nav2.node.alive, nav2.node.ended];

/** A node of ours that nav2's manager has activated, in front of what that manager said. */
async function bonded(name: string, instanceId: string) {
  const clock = new FakeClock();
  const graph = new FakeRosGraph();
  const manager = graph.join({ namespace: '/', name: 'lifecycle_manager' });
  const heard: string[] = [];
  manager.subscribe({
    ...{ topic: 'bond', type: 'bond/msg/Status', qos: qosProfiles.standard, maxBytes: 4096, queue: 100 },
    onMessage: ({ bytes, release }) => {
      if (readBondStatus(bytes).instanceId === instanceId) heard.push(hexOf(bytes));
      release();
    },
  });
  const publisher = manager.advertise('bond', 'bond/msg/Status', qosProfiles.standard);
  const say = async (hex: string) => {
    publisher.publish(bytesOf(hex));
    await settle();
  };
  const nothing = async () => {};
  const work = {
    ...{ configure: nothing, activate: nothing, deactivate: nothing, cleanup: nothing },
    ...{ shutdown: nothing, recover: nothing },
  };
  const node = graph.join({ namespace: '/', name });
  const { machine } = serveLifecycle(node, clock, work, { bond: () => instanceId });
  for (const label of ['configure', 'activate']) await machine.request({ id: 0, label });
  await settle();
  return { heard, say, machine, clock };
}

it.each(words)(`A status of ${nav2.origin} is read, and written again as it was`, (hex) => {
  expect(hexOf(writeBondStatus(new CdrWriter(), readBondStatus(bytesOf(hex))))).toBe(hex);
});

it('Our side of the bond says what a node of nav2 says, but for the time', async () => {
  const { id, instanceId } = readBondStatus(bytesOf(nav2.node.alive));
  const { heard, machine } = await bonded(id, instanceId);
  await machine.request({ id: 0, label: 'deactivate' });
  await settle();
  // Encapsulation, then eight octets of the stamp: bond_core takes a clock that is never set.
  const timeless = (hex: string) => hex.slice(0, 8) + hex.slice(24);
  expect(heard.map(timeless)).toEqual([nav2.node.alive, nav2.node.ended].map(timeless));
});

it('It goes on while the manager of nav2 lives, and answers when that one breaks the bond', async () => {
  const { heard, say, clock } = await bonded('goshawk', 'ours');
  await say(nav2.manager.alive);
  clock.advance(300);
  await settle();
  expect(heard).toHaveLength(4);
  await say(nav2.manager.ended);
  clock.advance(300);
  await settle();
  expect(heard).toHaveLength(5);
  expect(readBondStatus(bytesOf(heard[4])).active).toBe(false);
});
