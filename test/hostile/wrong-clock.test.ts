import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestFleet } from '../fakes/test-fleet.ts';

// The clock of the controller's machine is set wrong; the devices' clocks are right.

const hour = 3_600_000;
const day = 24 * hour;
let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
  await fleet.birth('d1');
  await fleet.event('d1');
  await live(0);
});
afterEach(() => fleet.stop());

let sequence = 0;
/** A batch with the time of the device, which did not jump. */
const live = (aheadMs: number) => {
  sequence += 1;
  const samples = [[fleet.clock.wallMs() - aheadMs, 1, 30] as [number, number, number]];
  return fleet.metrics('d1', { sequence, entry: 10 + sequence, samples });
};
const pass = async (minutes: number, aheadMs: number) => {
  for (let turn = 0; turn < minutes; turn++) {
    await fleet.clock.pass(60_000);
    await live(aheadMs);
  }
};
/** What the device told before anything went wrong. */
const old = () => fleet.store.eventRows.filter(({ kind }) => kind === 'camera.lost');
/** What the controller told of itself. */
const told = () =>
  fleet.store.eventRows.filter(({ device }) => device === 'controller').map(({ kind }) => kind);
const fault = () => fleet.controller.summary.current().clockFault?.code;

test('ahead by 366 days for some minutes deletes no data, is reported, and ends when the clock is right', async () => {
  await pass(3, 0);
  fleet.clock.jumpWall(366 * day);
  await pass(5, 366 * day);
  expect(old()).toHaveLength(1);
  expect(fault()).toBe('clock-ahead');
  expect(told()).toEqual(['controller.clock-ahead']);
  fleet.clock.jumpWall(-366 * day);
  await pass(3, 0);
  expect(old()).toHaveLength(1);
  expect(fault()).toBeUndefined();
  expect(told()).toEqual(['controller.clock-ahead', 'controller.clock-recovered']);
});

test('wrong since the machine started deletes nothing either', async () => {
  await pass(3, 0);
  await fleet.stop();
  fleet.clock.jumpWall(366 * day);
  await fleet.restart();
  await pass(3, 366 * day);
  expect(old()).toHaveLength(1);
  expect(fault()).toBe('clock-ahead');
});

test('after a year and a day without the controller the devices confirm the time, and what is too old goes day by day', async () => {
  await pass(3, 0);
  await fleet.stop();
  fleet.clock.jumpWall(366 * day);
  await fleet.restart();
  await pass(10, 0);
  expect(old()).toHaveLength(1);
  await pass(360, 0);
  expect(old()).toHaveLength(0);
  expect(fault()).toBeUndefined();
});

test('a night without the controller is no fault of its clock while no device has spoken', async () => {
  await pass(3, 0);
  await fleet.stop();
  fleet.clock.jumpWall(9 * hour);
  await fleet.restart();
  await fleet.clock.pass(180_000);
  expect(fault()).toBeUndefined();
  expect(told()).toEqual([]);
  expect(old()).toHaveLength(1);
  await pass(3, 9 * hour);
  expect(fault()).toBe('clock-ahead');
});
