import { expect, it } from 'vitest';
import { admin, TestFleet } from '../../../fakes/test-fleet.ts';

/** A device that sends one picture of one byte, whichever is asked for. */
async function fleetWithPictures(): Promise<TestFleet> {
  const fleet = await TestFleet.open();
  await fleet.birth('d1');
  await fleet.settle();
  fleet.device.onMessage(({ topic, responseTopic, correlationData }) => {
    if (!topic.endsWith('/call/frame') || responseTopic === undefined) return;
    void fleet.device.publish({
      ...{ topic: responseTopic, qos: 1, retain: false },
      ...(correlationData === undefined ? {} : { correlationData }),
      payload: new TextEncoder().encode(JSON.stringify({ ok: true, result: { size: 1, jpeg: '/w==' } })),
    });
  });
  return fleet;
}

const told = (fleet: TestFleet) =>
  fleet.store.auditRows
    .filter(({ action }) => action === 'preview.end' || action === 'frames.viewed')
    .map(({ action, target, detail }) => [action, target, JSON.parse(detail)]);
const all = [
  ['preview.end', 'd1/front', { seconds: 5, pictures: 9, privacy: ['blurred'] }],
  ['frames.viewed', 'd1', { pictures: 1, frames: ['1-f'] }],
];

async function look(fleet: TestFleet): Promise<void> {
  const { watches, frameViews } = fleet.controller;
  await watches.began(admin, 'd1', 'front');
  await watches.ended(admin, 'd1', 'front', { seconds: 5, pictures: 9, privacy: ['blurred'] });
  const fetched = frameViews.fetch(admin, 'd1', '1-f');
  await fleet.clock.pass(1_000);
  expect(await fetched).toEqual(new Uint8Array([0xff]));
}

it('What was seen in short looks and single pictures is in the audit within eleven minutes', async () => {
  const fleet = await fleetWithPictures();
  await look(fleet);
  await fleet.clock.pass(500_000);
  expect(told(fleet)).toEqual([]);
  await fleet.clock.pass(160_000);
  expect(told(fleet)).toEqual(all);
  await fleet.stop();
});

it('and when the controller ends', async () => {
  const fleet = await fleetWithPictures();
  await look(fleet);
  await fleet.stop();
  expect(told(fleet)).toEqual(all.toReversed());
});
