import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Bundle } from '../../src/model/index.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { bundleIn, otherNetwork } from '../integration/fleet/models.ts';
import { eventually } from '../integration/fleet/program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// The rows of docs/trust.md (Recovery) that lose no key: afterwards an order is followed as before.

let fleet: TestFleet;
afterEach(() => fleet?.close());

async function openFleet(): Promise<readonly [Bundle, Bundle, Bundle]> {
  const [aedes] = brokerKinds;
  if (aedes === undefined) throw new Error('There is no broker to test with.');
  fleet = await TestFleet.open(aedes);
  await fleet.broker.start();
  await fleet.startController();
  const bundles = [];
  for (const [at, version] of ['2.0.0', '3.0.0', '4.0.0'].entries()) {
    const bundle = await bundleIn(fleet.folder, version, otherNetwork(0.8 - at / 10));
    bundles.push(bundle);
    await fleet.push(bundle.location);
  }
  return bundles as unknown as readonly [Bundle, Bundle, Bundle];
}
const order = async ({ manifest: { name, version } }: Bundle) =>
  expect(
    await fleet.command(
      'model',
      'deploy',
      `${name}@${version}`,
      '--device',
      'cam-1',
      '--wait',
      '--timeout',
      '120s',
    ),
  ).toMatchObject({ code: 0 });
const runs = async () => (await fleet.device('cam-1')).reported?.slots.main?.loaded?.digest;

describe('A fleet is right again', () => {
  test('after its controller was restored from a copy of yesterday', async () => {
    const [first, second, third] = await openFleet();
    const agent = await fleet.startAgent({ device: 'cam-1', settings: { probationSeconds: 0 } });
    await fleet.online('cam-1');
    await order(first);
    await fleet.controller.end();
    const copy = join(fleet.folder, 'copy');
    cpSync(fleet.controllerFolder, copy, { recursive: true });
    await fleet.startController();
    await fleet.online('cam-1');
    await order(second);
    for (let again = 0; again < 3; again++) {
      await order(third);
      await order(second);
    }
    await fleet.controller.end('SIGKILL');
    rmSync(fleet.controllerFolder, { recursive: true });
    cpSync(copy, fleet.controllerFolder, { recursive: true });
    await fleet.startController();
    await fleet.online('cam-1');
    // What it was told since yesterday the controller does not know; what it is told now counts.
    await order(third);
    expect(await runs()).toBe(third.digest);
    await order(first);
    expect(await runs()).toBe(first.digest);
    expect(agent.alive).toBe(true);
  });

  test('after its broker was replaced by one that remembers nothing', async () => {
    const [first, second] = await openFleet();
    await fleet.startAgent({ device: 'cam-1', settings: { probationSeconds: 0 } });
    await fleet.online('cam-1');
    await order(first);
    await fleet.broker.stop();
    await eventually('the controller misses it', async () => {
      const health = await fetch(`${fleet.url}/healthz`);
      return ((await health.json()) as { broker: string }).broker !== 'online';
    });
    await fleet.broker.start();
    await fleet.online('cam-1');
    expect(await runs()).toBe(first.digest);
    await order(second);
    expect(await runs()).toBe(second.digest);
  });
});
