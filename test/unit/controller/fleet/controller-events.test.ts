import { expect, test } from 'vitest';
import { ControllerEvents } from '../../../../src/controller/fleet/controller-events.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const event = { kind: 'device.generation-implausible', severity: 'error', message: 'No.' } as const;

test('An event of one kind and device is sent every ten minutes, and one that found no room is sent again', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let room = false;
  const events = new ControllerEvents({
    clock,
    newId: () => `id-${told.length}-000`,
    ingest: {
      event: ({ device, kind }) => {
        if (room) told.push(`${device} ${kind}`);
        return room;
      },
    },
  });
  events.tell('d1', event);
  room = true;
  events.tell('d1', event);
  events.tell('d1', event);
  events.tell('d1', { ...event, kind: 'device.order-too-large' });
  events.tell('d2', event);
  expect(told).toEqual([`d1 ${event.kind}`, 'd1 device.order-too-large', `d2 ${event.kind}`]);
  clock.advance(600_000);
  events.tell('d1', event);
  expect(told).toHaveLength(4);
  events.forgetDevice('d1');
  events.tell('d1', event);
  expect(told).toHaveLength(5);
});
