import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BridgeSettings, parseBridge, RosBridge } from '../../../../src/adapters/ros2/index.ts';
import { typeHashOf } from '../../../../src/adapters/ros2/type-finder.ts';
import type { AgentEvent, RobotOrder } from '../../../../src/agent/index.ts';
import {
  CdrWriter,
  qosProfiles,
  serviceByTexts,
  shapeByTexts,
  writeBool,
  writeDiagnostics,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** As a driver sends it; by a library that knows the message from its definition. */
const batteryText = `std_msgs/Header header
float32 voltage
float32 temperature
float32 current
float32 charge
float32 capacity
float32 design_capacity
float32 percentage
uint8 power_supply_status
uint8 power_supply_health
uint8 power_supply_technology
bool present
float32[] cell_voltage
float32[] cell_temperature
string location
string serial_number
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id`;
const batteryWriter = new MessageWriter(parse(batteryText, { ros2: true }));
const battery = (percentage: number, voltage = 24, location = 'left') =>
  Uint8Array.from(batteryWriter.writeMessage({ percentage, voltage, location, cell_voltage: [3.5, 4] }));

const usual: BridgeSettings = {
  topics: {
    battery: {
      ...{
        topic: '/battery',
        type: 'sensor_msgs/msg/BatteryState',
        fields: ['percentage', 'cell_voltage[1]'],
      },
      ...{ reduce: 'mean', least: 0, everySeconds: 10 },
    },
    slot: {
      ...{ topic: '/battery', type: 'sensor_msgs/msg/BatteryState', fields: ['location'] },
      ...{ reduce: 'changed', least: 0, everySeconds: 10 },
    },
  },
  services: {
    lights: { service: '/lights', type: 'std_srvs/srv/SetBool' },
    dock: { service: '/dock', type: 'std_srvs/srv/Trigger' },
    stop: { service: '/stop', type: 'std_srvs/srv/Empty' },
  },
  diagnostics: true,
};

describe('The bridge of a robot', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  function bridged(settings: BridgeSettings = usual) {
    const graph = new FakeRosGraph();
    const clock = new FakeClock(1_000_000);
    const log = new RecordingLog();
    const events: AgentEvent[] = [];
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const bridge = new RosBridge({
      ...{ node, clock, log, bridge: parseBridge(settings) },
      reportEvent: (event) => events.push(event),
    });
    closing.push(() => bridge.close());
    const batteries = robot.advertise('/battery', 'sensor_msgs/msg/BatteryState', qosProfiles.standard);
    const diagnostics = robot.advertise(
      '/diagnostics',
      'diagnostic_msgs/msg/DiagnosticArray',
      qosProfiles.standard,
    );
    const diagnose = async (name: string, level: number, message: string) => {
      const statuses = [{ name, level, message, hardwareId: '', values: {} }];
      diagnostics.publish(writeDiagnostics(new CdrWriter(), { stampNs: 0n, frameId: '' }, statuses));
      await settle();
    };
    const tell = async (bytes: Uint8Array, afterMs = 100) => {
      clock.advance(afterMs);
      batteries.publish(bytes);
      await settle();
    };
    return { graph, clock, log, events, robot, bridge, tell, diagnose };
  }

  /** A robot with services of a package of its own, whose definitions lie in a folder. */
  function docked() {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'dock_msgs/srv'), { recursive: true });
    mkdirSync(path.join(folder, 'dock_msgs/msg'));
    const texts: Record<string, string> = {
      'dock_msgs/srv/Dock':
        'uint8 station 7\nfloat32 speed\nstring<=8 name\n---\nbool success\nstring message\nfloat64 distance\nPoint[] path\n',
      'dock_msgs/srv/Talk': '---\nstring name',
      'dock_msgs/msg/Point': 'float64 x\nfloat64 y',
    };
    for (const [type, text] of Object.entries(texts))
      writeFileSync(
        path.join(
          folder,
          `${type.replace(/\/(srv|msg)\/.*/, '/$1/')}${type.split('/')[2]}.${type.split('/')[1]}`,
        ),
        text,
      );
    const shape = (type: string) => serviceByTexts(type, (each) => texts[each], typeHashOf)!;
    const type = 'dock_msgs/srv/Dock';
    const made = bridged({
      messages: [folder],
      services: {
        dock: { service: '/dock', type },
        home: { service: '/dock', type, request: { station: 0, name: 'home' } },
        gone: { service: '/gone', type },
        other: { service: '/dock', type: 'dock_msgs/srv/Undock' },
        talk: { service: '/talk', type: 'dock_msgs/srv/Talk' },
        unknown: { service: '/unknown', type: 'arm_msgs/srv/Unknown' },
        lights: { service: '/lights', type: 'std_srvs/srv/SetBool' },
        lit: { service: '/lights', type: 'std_srvs/srv/SetBool', request: { data: true } },
        stop: { service: '/stop', type: 'std_srvs/srv/Empty' },
      },
    });
    const asked: unknown[] = [];
    const answer = { name: '' };
    const { robot } = made;
    robot.serveForeign('/dock', shape(type), (request) => {
      asked.push(request);
      const path = [{ x: 1, y: 2 }];
      return { success: false, message: 'no such station', distance: Number.NaN, path };
    });
    robot.serveForeign('/talk', shape('dock_msgs/srv/Talk'), () => answer);
    robot.serveForeign('/unknown', { ...shape(type), name: 'arm_msgs/srv/Unknown' }, () => answer);
    for (const name of ['/lights'] as const)
      robot.serve(name, 'std_srvs/srv/SetBool', (request) => {
        asked.push(request);
        return { success: true, message: '' };
      });
    return { ...made, asked, answer };
  }

  it('gives the mean of what came between two batches', async () => {
    const { bridge, tell } = bridged();
    await settle();
    await tell(battery(0.5));
    await tell(battery(0.25));
    expect(bridge.readings()).toEqual([
      { name: 'battery', field: 'percentage', value: 0.375 },
      { name: 'battery', field: 'cell_voltage[1]', value: 4 },
    ]);
    expect(bridge.readings()).toEqual([]);
  });

  it('reads ten messages a second, of those between them the newest, and lets the others go', async () => {
    const { graph, bridge, tell, clock } = bridged();
    await settle();
    const first = () => bridge.readings()[0];
    for (let at = 0; at < 100; at += 1) await tell(battery(at < 1 ? 1 : at < 99 ? 0.5 : 0), 1);
    expect(first()).toEqual({ name: 'battery', field: 'percentage', value: 1 });
    clock.advance(1);
    expect(first()).toEqual({ name: 'battery', field: 'percentage', value: 0 });
    clock.advance(1000);
    expect(first()).toBeUndefined();
    expect(graph.held).toBe(0);
  });

  it('tells the last value, however soon it came after another, and though none comes after it', async () => {
    const { events, tell, clock } = bridged();
    await settle();
    await tell(battery(1), 980);
    await tell(battery(1, 24, 'in between'), 30);
    await tell(battery(1, 24, 'right'), 20);
    clock.advance(60_000);
    expect(events.map(({ message }) => message)).toEqual([
      'slot: location is left.',
      'slot: location is right, and was left.',
    ]);
  });

  it('says of a topic that is silent for two minutes that it says nothing', async () => {
    const { bridge, tell, clock } = bridged();
    await settle();
    await tell(battery(0.5));
    bridge.readings();
    clock.advance(120_000);
    expect(bridge.readings()).toContainEqual({ name: 'battery', field: undefined, value: undefined });
  });

  it('tells a change as an event, with what was before', async () => {
    const { events, tell, clock } = bridged();
    await settle();
    await tell(battery(1));
    clock.advance(1000);
    expect(events).toMatchObject([{ kind: 'robot.changed', message: 'slot: location is left.' }]);
    await tell(battery(1, 24, 'right'));
    clock.advance(10_000);
    expect(events[1]).toEqual({
      kind: 'robot.changed',
      severity: 'info',
      message: 'slot: location is right, and was left.',
      data: { name: 'slot', topic: '/battery', field: 'location', from: 'left', to: 'right' },
    });
  });

  it('tells 120 changes an hour, and how many it left out', async () => {
    const { events, tell, clock } = bridged({
      topics: { slot: { ...usual.topics!.slot!, everySeconds: 1 } },
    });
    await settle();
    for (let second = 0; second < 400; second += 1) {
      await tell(battery(1, 24, String(second)), 500);
      clock.advance(500);
    }
    expect(events.length).toBeLessThanOrEqual(120 + 14);
    expect(events.length).toBeGreaterThan(100);
    expect(events.some(({ data }) => Number(data?.leftOut) > 0)).toBe(true);
  });

  it('goes on after messages that can not be read, and lets go of each', async () => {
    const { graph, bridge, log, tell } = bridged();
    await settle();
    for (let cut = 0; cut < 40; cut += 1) await tell(battery(0.5).subarray(0, cut));
    await tell(new Uint8Array(100_000));
    await tell(battery(0.5));
    expect(bridge.readings()).toContainEqual({ name: 'battery', field: 'percentage', value: 0.5 });
    expect(graph.held).toBe(0);
    // Once for both of the topics' readers in ten seconds.
    expect(log.at('warn').length).toBe(1);
  });

  it('makes health of what other nodes say, and events', async () => {
    const { bridge, events, diagnose, clock } = bridged();
    let changed = 0;
    bridge.onChange(() => {
      changed += 1;
    });
    await settle();
    await diagnose('motor left', 2, 'over-current');
    await diagnose('goshawk: front', 2, 'no result');
    clock.advance(4000);
    expect(events).toEqual([
      {
        ...{ kind: 'robot.fault', severity: 'error' },
        message: 'motor left is in state error: over-current.',
        data: { name: 'motor left', level: 'error' },
      },
    ]);
    expect(changed).toBe(1);
    expect(bridge.report()).toEqual({
      parts: 1,
      problems: [{ name: 'motor left', level: 'error', message: 'over-current', sinceMs: 1_000_000 }],
    });
    await diagnose('motor left', 0, '');
    clock.advance(4000);
    expect(events[1]).toMatchObject({ kind: 'robot.recovered' });
    expect(bridge.report()).toEqual({ parts: 1, problems: [] });
  });

  it('tells that a part which was not well is forgotten, and reports it', async () => {
    const { bridge, events, diagnose, clock } = bridged();
    await settle();
    await diagnose('motor left', 2, 'over-current');
    clock.advance(4000);
    let reports = 0;
    bridge.onChange(() => {
      reports += 1;
    });
    clock.advance(600_000);
    expect(events.map(({ kind, message }) => [kind, message]).slice(1)).toEqual([
      ['robot.fault', 'motor left is in state stale: it is not heard any more.'],
      ['robot.recovered', 'motor left was not heard for ten minutes, and is forgotten.'],
    ]);
    expect(events[2]?.data).toEqual({ name: 'motor left', level: 'ok', forgotten: true });
    expect(reports).toBe(2);
    expect(bridge.report()).toEqual({ parts: 0, problems: [] });
  });

  it('tells of a part that is not well behind 128 that are, and says now and then that there are more', async () => {
    const { bridge, log, diagnose, clock } = bridged();
    await settle();
    for (let at = 0; at < 200; at += 1) {
      clock.advance(20);
      await diagnose(`fine ${at}`, 0, '');
    }
    await diagnose('brakes', 2, 'broken');
    clock.advance(4000);
    expect(bridge.report()).toMatchObject({ parts: 128, problems: [{ name: 'brakes', level: 'error' }] });
    const told = () => log.at('warn').filter(([message]) => message.includes('more parts'));
    await diagnose('fine 199', 0, '');
    clock.advance(590_000);
    expect(told()).toHaveLength(1);
    expect(told()[0]?.[1]?.parts).toBe(128);
    clock.advance(10_000);
    expect(told()).toHaveLength(2);
  });

  it('makes 60 reports an hour of diagnostics that never rest, and reads 50 messages a second', async () => {
    const { bridge, diagnose, clock } = bridged();
    let reports = 0;
    bridge.onChange(() => {
      reports += 1;
    });
    await settle();
    for (let at = 0; at < 60; at += 1) await diagnose(`part ${at}`, 0, '');
    expect(bridge.report()?.parts).toBe(50);
    for (let minute = 0; minute < 30; minute += 1)
      for (const level of [2, 0]) {
        for (let second = 0; second < 5; second += 1) {
          await diagnose(`part ${minute % 3}`, level, '');
          clock.advance(1000);
        }
      }
    expect(reports).toBeGreaterThan(20);
    for (let at = 0; at < 200; at += 1) {
      await diagnose('part 9', at % 2 === 0 ? 2 : 0, '');
      clock.advance(4000);
    }
    expect(reports).toBeLessThanOrEqual(60 + Math.ceil(1100 / 60));
  });

  it('calls the services that the settings name, and no other', async () => {
    const { robot, bridge } = bridged();
    const heard: unknown[] = [];
    robot.serve('/lights', 'std_srvs/srv/SetBool', ({ data }) => {
      heard.push(data);
      return { success: true, message: 'x'.repeat(3000) };
    });
    robot.serve('/dock', 'std_srvs/srv/Trigger', () => ({ success: false, message: 'no dock' }));
    robot.serve('/stop', 'std_srvs/srv/Empty', () => ({}));
    robot.serve('/erase', 'std_srvs/srv/Trigger', () => {
      heard.push('erased');
      return { success: true, message: '' };
    });
    expect((await bridge.call({ service: 'lights', on: true })).message).toHaveLength(2000);
    expect(await bridge.call({ service: 'dock' })).toEqual({ success: false, message: 'no dock' });
    // Nobody says of an Empty whether it was done.
    expect(await bridge.call({ service: 'stop' })).toEqual({ message: '' });
    await expect(bridge.call({ service: '/erase' })).rejects.toMatchObject({ code: 'robot-call-refused' });
    await expect(bridge.call({ service: 'constructor' })).rejects.toMatchObject({
      code: 'robot-call-refused',
    });
    await expect(bridge.call({ service: 'lights' })).rejects.toMatchObject({ code: 'robot-call-on' });
    expect(heard).toEqual([true]);
  });

  it('calls a service of another type with what the fleet gives, and tells its whole answer', async () => {
    const { asked, bridge, log } = docked();
    expect(await bridge.call({ service: 'dock', request: { station: 3, speed: 0.5 } })).toEqual({
      ...{ success: false, message: 'no such station' },
      reply: { success: false, message: 'no such station', distance: null, path: [{ x: 1, y: 2 }] },
    });
    expect(await bridge.call({ service: 'dock' })).toMatchObject({ success: false });
    expect(asked).toEqual([
      { station: 3, speed: 0.5, name: '' },
      { station: 7, speed: 0, name: '' },
    ]);
    expect(log.at('info')).toContainEqual([
      'the fleet calls a service of the robot',
      { service: '/dock', fields: ['station', 'speed'] },
    ]);
  });

  it.each<[what: string, order: RobotOrder, code: string, words: string]>([
    [
      'a field that is not there',
      { service: 'dock', request: { stations: 1 } },
      'ros-request-field',
      'stations',
    ],
    [
      'a value of another kind',
      { service: 'dock', request: { station: -1 } },
      'ros-request-value',
      '0 to 255',
    ],
    [
      'what the settings fix',
      { service: 'home', request: { station: 1 } },
      'robot-call-fixed',
      'station of home',
    ],
    ['on', { service: 'dock', on: true }, 'robot-call-on', 'not switched'],
    ['fields of a Trigger', { service: 'stop', request: { on: true } }, 'ros-request-field', 'no field on'],
    ['a SetBool of nothing', { service: 'lights', request: {} }, 'robot-call-on', 'on or off'],
    ['a service that is not there', { service: 'gone' }, 'ros-service-missing', '/gone'],
    ['one that is of another type', { service: 'other' }, 'ros-service-type', 'dock_msgs/srv/Dock'],
    ['one that nobody describes', { service: 'unknown' }, 'ros-service-unknown', 'arm_msgs/srv/Unknown'],
  ])('calls nothing for %s', async (_, order, code, words) => {
    const { asked, bridge } = docked();
    const call = bridge.call(order);
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(asked).toEqual([]);
  });

  it('calls with what the settings fix, and the fleet gives the rest', async () => {
    const { asked, bridge } = docked();
    await bridge.call({ service: 'home', request: { speed: 1 } });
    await bridge.call({ service: 'lit' });
    expect(await bridge.call({ service: 'lights', request: { data: true } })).toMatchObject({
      success: true,
    });
    expect(asked).toEqual([{ station: 0, speed: 1, name: 'home' }, { data: true }, { data: true }]);
    await expect(bridge.call({ service: 'lit', on: false })).rejects.toMatchObject({
      code: 'robot-call-fixed',
    });
  });

  it('says of an answer that can not be told that the service was called', async () => {
    const { bridge, answer } = docked();
    for (const name of ['x'.repeat(70_000), '\u0001'.repeat(12_000)]) {
      answer.name = name;
      await expect(bridge.call({ service: 'talk' })).rejects.toMatchObject({
        ...{ code: 'robot-reply-untold', message: expect.stringContaining('was called and answered') },
      });
    }
    answer.name = 'short';
    expect(await bridge.call({ service: 'talk' })).toEqual({
      ...{ message: '', reply: { name: 'short' } },
    });
  });

  it('calls one at a time of each, also by two names of the settings, and thirty a minute', async () => {
    const again = { service: 'dock', type: 'std_srvs/srv/Trigger' };
    const { robot, bridge, clock } = bridged({ ...usual, services: { ...usual.services, again } });
    const done = { success: true, message: '' };
    let answer: (() => void) | undefined;
    robot.serve('/dock', 'std_srvs/srv/Trigger', () =>
      answer !== undefined
        ? done
        : new Promise((resolve) => {
            answer = () => resolve(done);
          }),
    );
    robot.serve('/stop', 'std_srvs/srv/Empty', () => ({}));
    const first = bridge.call({ service: 'dock' });
    await settle();
    for (const service of ['dock', 'again'])
      await expect(bridge.call({ service })).rejects.toMatchObject({ code: 'robot-call-busy' });
    answer?.();
    await first;
    for (let at = 0; at < 29; at += 1) await bridge.call({ service: 'stop' });
    await expect(bridge.call({ service: 'stop' })).rejects.toMatchObject({ code: 'robot-call-busy' });
    clock.advance(2000);
    await bridge.call({ service: 'stop' });
  });

  it('hears a Bool', async () => {
    const { robot, bridge } = bridged({
      topics: {
        stopped: {
          ...{ topic: '/e_stop', type: 'std_msgs/msg/Bool', fields: ['data'] },
          ...{ reduce: 'max', least: 0, everySeconds: 1 },
        },
      },
    });
    const publisher = robot.advertise('/e_stop', 'std_msgs/msg/Bool', qosProfiles.sensorData);
    await settle();
    publisher.publish(writeBool(new CdrWriter(), true));
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'stopped', field: 'data', value: 1 }]);
    expect(bridge.report()).toBeUndefined();
  });
});

describe('A topic of a type that is not shipped', () => {
  const type = 'arm_msgs/msg/State';
  const arm = {
    topic: '/arm',
    type,
    fields: ['torque'],
    reduce: 'latest',
    least: 0,
    everySeconds: 1,
  } as const;

  function armed(fields: readonly string[], versions: readonly string[]) {
    const graph = new FakeRosGraph();
    const clock = new FakeClock(1_000_000);
    const log = new RecordingLog();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const driver = graph.join({ namespace: '/', name: 'driver' });
    const shapes = versions.map((text) => shapeByTexts(type, (name) => (name === type ? text : undefined))!);
    driver.serve(
      '~/get_type_description',
      'type_description_interfaces/srv/GetTypeDescription',
      ({ typeHash }) => {
        const description = shapes.find((each) => typeHashOf(each.description) === typeHash)?.description;
        return { successful: description !== undefined, reason: 'unknown', description };
      },
    );
    const topics = { arm: { ...arm, fields } };
    const bridge = new RosBridge({
      node,
      clock,
      log,
      bridge: parseBridge({ topics }),
      reportEvent: () => {},
    });
    const advertise = (version: number) =>
      driver.advertise(
        '/arm',
        { name: type, hash: typeHashOf(shapes[version]!.description) },
        qosProfiles.standard,
      );
    const pass = async (ms: number) => {
      clock.advance(ms);
      await settle();
    };
    return { bridge, log, pass, advertise, node };
  }

  it('is read once its publisher is there and describes it, and again when it becomes another one', async () => {
    const { bridge, log, pass, advertise } = armed(
      ['torque'],
      ['float64 torque', 'string mode\nfloat64 torque'],
    );
    await pass(5000);
    expect(bridge.readings()).toEqual([{ name: 'arm', field: undefined, value: undefined }]);
    const first = advertise(0);
    await pass(3000);
    const writer = new CdrWriter();
    writer.float64(0.25);
    first.publish(writer.finish());
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 0.25 }]);
    first.close();
    const second = advertise(1);
    await pass(31_000);
    await pass(3000);
    writer.reset();
    writer.string('fast');
    writer.float64(4);
    second.publish(writer.finish());
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 4 }]);
    expect(log.at('warn')).toEqual([]);
    bridge.close();
  });

  it('is subscribed later where that failed at first', async () => {
    const { bridge, log, pass, advertise, node } = armed(['torque'], ['float64 torque']);
    const subscribe = vi.spyOn(node, 'subscribe').mockImplementationOnce(() => {
      throw new Error('no such package in the workspace');
    });
    const publication = advertise(0);
    await pass(2000);
    expect(log.at('warn')).toHaveLength(1);
    expect(log.at('warn')[0]?.[1]).toMatchObject({ reason: expect.stringContaining('no such package') });
    await pass(31_000);
    const writer = new CdrWriter();
    writer.float64(0.5);
    publication.publish(writer.finish());
    await settle();
    expect(subscribe).toHaveBeenCalledTimes(2);
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 0.5 }]);
    bridge.close();
  });

  it('is told where it does not have the field, and looked for again', async () => {
    const { bridge, log, pass, advertise } = armed(['speed'], ['float64 torque']);
    advertise(0);
    await pass(2000);
    expect(log.at('warn')).toEqual([
      [
        'A topic of the robot is not observed',
        { topic: '/arm', reason: 'arm_msgs/msg/State has no field speed. It has torque.' },
      ],
    ]);
    await pass(31_000);
    expect(log.at('warn')).toHaveLength(2);
    bridge.close();
  });
});

describe('The settings of a bridge', () => {
  it.each([
    ['a service', { type: 'std_srvs/srv/SetBool', fields: ['data'] }, 'ros-observed-type'],
    ['a type without its folder', { type: 'sensor_msgs/Image', fields: ['data'] }, 'ros-observed-type'],
    ['a path', { type: '../msg/Image', fields: ['data'] }, 'ros-observed-type'],
    ['a field that is not there', { fields: ['charge_left'] }, 'ros-observed-field'],
    ['a field of the prototype', { fields: ['constructor'] }, 'ros-observed-field'],
    ['an element too far away', { fields: ['cell_voltage[64]'] }, 'ros-observed-field'],
    ['the mean of a text', { fields: ['location'] }, 'ros-bridge-text'],
  ])('refuse %s', (_, over, code) => {
    const topics = { battery: { ...usual.topics!.battery!, ...over } };
    expect(() => parseBridge({ topics })).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['a message as a service', { type: 'std_msgs/msg/Bool' }, 'ros-service-type'],
    ['a path as a service', { type: '../srv/Dock' }, 'ros-service-type'],
    ['a field that SetBool does not have', { request: { on: true } }, 'ros-request-field'],
    ['a value that SetBool can not have', { request: { data: 1 } }, 'ros-request-value'],
  ])('refuse %s', (_, over, code) => {
    const services = { lights: { ...usual.services!.lights!, ...over } };
    expect(() => parseBridge({ services })).toThrow(expect.objectContaining({ code }));
  });
});
