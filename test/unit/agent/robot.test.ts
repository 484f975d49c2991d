import { beforeEach, describe, expect, it } from 'vitest';
import type { RobotHost, RobotReading } from '../../../src/agent/index.ts';
import { InputError } from '../../../src/base/index.ts';
import { metricNames, type Reported } from '../../../src/protocol/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeController, FakeDevice } from '../../fakes/fake-device.ts';
import { FakeBroker } from '../../fakes/fake-transport.ts';

describe('The robot that carries a device', () => {
  let clock: FakeClock;
  let device: FakeDevice;
  let broker: FakeBroker;
  let controller: FakeController;
  let readings: RobotReading[];
  let report: Reported['robot'];
  let changed: () => void;
  const called: object[] = [];

  const robot: RobotHost = {
    readings: () => readings.splice(0),
    report: () => report,
    onChange: (listener) => {
      changed = listener;
    },
    call: async (request) => {
      called.push(request);
      if (request.service === 'erase') throw new InputError('robot-call-refused', 'No.', 'Ask another.');
      return { success: true, message: 'docked' };
    },
  };

  beforeEach(() => {
    clock = new FakeClock(1_790_000_000_000);
    broker = new FakeBroker(clock);
    device = new FakeDevice(broker, clock);
    controller = new FakeController(broker);
    readings = [];
    report = undefined;
    called.length = 0;
  });

  it('tells numbers as a metric by name and field, and none any more when it is silent', async () => {
    device.robot = robot;
    await device.start();
    await clock.pass(100);
    readings = [{ name: 'battery', field: 'percentage', value: 0.5 }];
    await clock.pass(10_000);
    const find = () => device.agent.readings().find(({ name }) => name === metricNames.robot);
    expect(find()).toMatchObject({ value: 0.5, labels: { name: 'battery', field: 'percentage' } });
    const births = device.sent('state').filter(({ online }) => online);
    expect(JSON.stringify(births.at(-1))).toContain('"goshawk_robot_value"');
    readings = [{ name: 'battery', field: undefined, value: undefined }];
    await clock.pass(10_000);
    expect(find()).toBeUndefined();
  });

  it('is in what is reported, at once when something changed', async () => {
    device.robot = robot;
    await device.start();
    await clock.pass(1000);
    expect(device.sent('reported').at(-1)?.robot).toBeUndefined();
    const problems = [{ name: 'motor', level: 'error' as const, message: 'hot', sinceMs: 5 }];
    report = { parts: 3, problems };
    changed();
    await clock.pass(200);
    expect(device.sent('reported').at(-1)?.robot).toEqual({ parts: 3, problems });
  });

  it('is called by the fleet, which hears what it said', async () => {
    device.robot = robot;
    await device.start();
    await clock.pass(100);
    controller.call('robot', { service: 'dock' });
    controller.call('robot', { service: 'erase' });
    controller.call('robot', { service: 'x'.repeat(65) });
    controller.call('robot', { service: 'lights', on: 'yes' });
    await clock.pass(100);
    expect(called).toEqual([{ service: 'dock' }, { service: 'erase' }]);
    expect(controller.responses).toHaveLength(4);
    expect(controller.responses).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ok: true, result: { success: true, message: 'docked' } }),
        expect.objectContaining({ ok: false, code: 'robot-call-refused' }),
        expect.objectContaining({ ok: false, code: 'payload-invalid' }),
      ]),
    );
  });

  it('is called with the fields of a request, and tells its whole answer', async () => {
    device.robot = { ...robot, call: async (order) => ({ success: true, message: '', reply: { ...order } }) };
    await device.start();
    await clock.pass(100);
    const request = { station: 3, path: [{ x: 1 }] };
    controller.call('robot', { service: 'dock', request });
    controller.call('robot', { service: 'dock', request: [] });
    await clock.pass(100);
    const reply = { service: 'dock', request };
    expect(controller.responses).toHaveLength(2);
    expect(controller.responses).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ok: true, result: { success: true, message: '', reply } }),
        expect.objectContaining({ ok: false, code: 'payload-invalid' }),
      ]),
    );
  });

  it('is called once where a broker delivers the call twice', async () => {
    device.robot = robot;
    await device.start();
    await clock.pass(100);
    for (const number of [7, 7, 8]) controller.call('robot', { service: 'dock' }, undefined, number);
    const asked = { service: 'dock', request: {} };
    for (const number of [9, 9]) controller.call('robot', asked, undefined, number);
    await clock.pass(100);
    expect(called).toEqual([{ service: 'dock' }, { service: 'dock' }, asked]);
  });

  it('that is not there is not called', async () => {
    await device.start();
    await clock.pass(100);
    controller.call('robot', { service: 'dock' });
    await clock.pass(100);
    expect(controller.responses).toMatchObject([{ ok: false, code: 'robot-call-refused' }]);
  });
});
