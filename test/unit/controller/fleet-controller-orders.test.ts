import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePayload, topics } from '../../../src/protocol/index.ts';
import { admin, digest, otherDigest, TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

test('an order that the broker retains for a device that is not known yet sets the number of its next', async () => {
  const desired = encodePayload('desired', { generation: 20, timeMs: 1 });
  await fleet.send(topics.desired('d9'), desired, true);
  await fleet.birth('d9');
  const settings = { pipelines: { '*': { enabled: true } } };
  const { generations } = await fleet.controller.desiredState.setDevice(admin, 'd9', settings);
  expect(generations.d9).toBe(21);
});

describe('desired states', () => {
  const model = { name: 'street', version: '1.0.0', digest };
  const retained = (id: string) => {
    const message = fleet.broker.retained.get(topics.desired(id));
    return message === undefined ? undefined : JSON.parse(new TextDecoder().decode(message.payload));
  };

  test('a command is in the database before it is published, retained, and has its entry in the audit log', async () => {
    await fleet.birth('d1');
    const release = fleet.store.hold();
    const command = fleet.controller.desiredState.setDevice(
      admin,
      'd1',
      { slots: { main: { model } } },
      true,
    );
    await fleet.settle();
    expect(retained('d1')).toBeUndefined();
    release();
    expect(await command).toEqual({ generations: { d1: 1 }, order: expect.any(String) });
    await fleet.settle();
    expect(retained('d1')).toMatchObject({ generation: 1, slots: { main: { model } } });
    expect(fleet.store.auditRows).toMatchObject([
      { actor: 'ann (t1)', action: 'device.desired', target: 'd1', result: 'ok' },
    ]);
  });

  test('a command that fails changes nothing and is in the audit log with its code', async () => {
    await fleet.birth('d1');
    await expect(
      fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, false),
    ).rejects.toMatchObject({
      code: 'model-unknown',
    });
    await expect(fleet.controller.desiredState.setDevice(admin, 'nobody', {}, false)).rejects.toMatchObject({
      code: 'device-unknown',
    });
    expect(retained('d1')).toBeUndefined();
    expect(fleet.store.auditRows.map((row) => row.result)).toEqual(['model-unknown', 'device-unknown']);
  });

  test('a group sets its members, who join late too, and the own settings of the device win', async () => {
    await fleet.birth('d1');
    await fleet.birth('d2', { groups: ['west'] });
    await fleet.controller.groups.setMembers(admin, 'west', ['d1', 'later']);
    await fleet.controller.desiredState.setDevice(
      admin,
      'd1',
      { pipelines: { '*': { scoreThreshold: 0.9 } } },
      true,
    );
    const { generations } = await fleet.controller.desiredState.setGroup(
      admin,
      'west',
      { slots: { main: { model } }, pipelines: { '*': { scoreThreshold: 0.5, maxDetections: 5 } } },
      true,
    );
    expect(Object.keys(generations).sort()).toEqual(['d1', 'd2']);
    await fleet.birth('later');
    await fleet.settle();
    expect(retained('d1').pipelines).toEqual({ '*': { scoreThreshold: 0.9, maxDetections: 5 } });
    expect(retained('d2')).toMatchObject({ slots: { main: { model } } });
    expect(retained('later')).toMatchObject({
      slots: { main: { model } },
      pipelines: { '*': { scoreThreshold: 0.5 } },
    });
    await fleet.controller.groups.deleteGroup(admin, 'west');
    await fleet.settle();
    expect(retained('d2').model).toBeUndefined();
    expect(retained('d1').pipelines).toEqual({ '*': { scoreThreshold: 0.9 } });
  });

  test('are published again when the broker came back without them, and not when it still has them', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, true);
    await fleet.settle();
    fleet.transport.cut();
    await fleet.clock.pass(5_000);
    const published = () =>
      fleet.broker.log.filter((message) => message.topic === topics.desired('d1')).length;
    expect(published()).toBe(1);
    fleet.broker.stop();
    fleet.broker.restart();
    await fleet.clock.pass(5_000);
    expect(retained('d1')).toMatchObject({ generation: 1, slots: { main: { model } } });
    expect(published()).toBe(2);
  });

  test('are published again once for a device that connects and acts on an earlier one, as at another node of a cluster', async () => {
    const published = () =>
      fleet.broker.log.filter((message) => message.topic === topics.desired('d1')).length;
    await fleet.birth('d1');
    await fleet.reported('d1', { generation: 0 });
    await fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, true);
    await fleet.settle();
    expect(published()).toBe(1);
    // It is busy with the order, and says so.
    await fleet.reported('d1', { generation: 0 });
    await fleet.settle();
    expect(published()).toBe(1);
    await fleet.birth('d1');
    await fleet.reported('d1', { generation: 0 });
    await fleet.settle();
    expect(published()).toBe(2);
    await fleet.reported('d1', { generation: 0 });
    await fleet.birth('d1');
    await fleet.reported('d1', { generation: 1 });
    await fleet.settle();
    expect(published()).toBe(2);
  });

  test('survive a restart, and go on with the next generation', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, true);
    await fleet.clock.pass(1_000);
    await fleet.restart();
    expect(fleet.controller.registry.get('d1')?.desired).toMatchObject({
      generation: 1,
      slots: { main: { model } },
    });
    expect(
      await fleet.controller.desiredState.setDevice(
        admin,
        'd1',
        { slots: { main: { model: { ...model, digest: otherDigest } } } },
        true,
      ),
    ).toEqual({ generations: { d1: 2 }, order: expect.any(String) });
  });

  test('pass the generation that a device reports although this database never gave it', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, true);
    await fleet.reported('d1', { generation: 17 });
    await fleet.settle();
    expect(retained('d1')).toMatchObject({ generation: 18, slots: { main: { model } } });
  });

  test('a deleted device is gone with everything that the broker retained of it', async () => {
    await fleet.birth('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', { slots: { main: { model } } }, true);
    await fleet.controller.devices.deleteDevice(admin, 'd1');
    await fleet.settle();
    expect(fleet.controller.registry.get('d1')).toBeUndefined();
    expect([...fleet.broker.retained.keys()]).toEqual([]);
  });
});
