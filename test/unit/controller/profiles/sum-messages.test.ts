import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeSumCrypto } from '../../../../src/adapters/crypto/index.ts';
import { SumMember } from '../../../../src/agent/index.ts';
import { metricNames } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { FakeDevice } from '../../../fakes/fake-device.ts';
import { TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
let devices: FakeDevice[];

beforeEach(async () => {
  fleet = await TestFleet.open();
  devices = [];
  for (const id of ['d1', 'd2', 'd3', 'd4']) {
    const device = new FakeDevice(fleet.broker, fleet.clock, id);
    device.sums = new SumMember({ device: id, clock: fleet.clock, keys: nodeSumCrypto, leastDevices: 3 });
    await device.start();
    devices.push(device);
  }
  await fleet.clock.pass(1_000);
});
afterEach(async () => {
  for (const device of devices) device.kill();
  await fleet.stop();
});

/** Time passes until it has an end. */
async function ended<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const watched = work.finally(() => {
    over = true;
  });
  watched.catch(() => undefined);
  for (let at = 0; at < 200 && !over; at++) await fleet.clock.pass(500);
  return watched;
}

test('goes by the calls of the protocol, also where a device is lost in between; one that sends its counts takes no part', async () => {
  for (const [at, { sums }] of devices.entries())
    for (let n = 0; n <= at; n++) sums!.add({ detections: [{ label: 'car', score: 0.7 }] } as never);
  fleet.clock.jumpWall(3_600_000);
  expect(await ended(fleet.controller.sums.sum({}))).toMatchObject({
    ...{ devices: 4, rounds: 1, labels: { other: 1 + 2 + 3 + 4 } },
  });

  const own = devices[1]!.sums!;
  const masked = own.masked.bind(own);
  own.masked = (request) => {
    own.masked = masked;
    devices[1]!.transport.cut(1e9);
    return masked(request);
  };
  expect(await ended(fleet.controller.sums.sum({}))).toMatchObject({
    ...{ devices: 3, rounds: 2, lost: ['d2'], labels: { other: 1 + 3 + 4 } },
  });
  await settle();
  const sent = devices.flatMap(({ broker }) =>
    broker.log.map(({ payload }) => Buffer.from(payload).toString('latin1')),
  );
  expect(sent.some((text) => text.includes(metricNames.classDetections))).toBe(false);
});

test('is refused by a device that sends its counts', async () => {
  for (const device of devices.slice(0, 2)) {
    device.kill();
    device.sums = undefined;
    await device.start();
  }
  await fleet.clock.pass(1_000);
  await expect(ended(fleet.controller.sums.sum({}))).rejects.toMatchObject({ code: 'sum-few' });
});
