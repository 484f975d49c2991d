import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { typeHashOf } from '../../../../src/adapters/ros2/type-finder.ts';
import type { RobotOrder } from '../../../../src/agent/index.ts';
import { serviceByTexts } from '../../../../src/ros2/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { bridged, closeBridges, usual } from './bridge-under-test.ts';

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

afterEach(closeBridges);

describe('The bridge of a robot', () => {
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
    ['on', { service: 'dock', on: true }, 'robot-call-on', 'cannot be switched'],
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

  it('says of an answer that cannot be told that the service was called', async () => {
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
});
