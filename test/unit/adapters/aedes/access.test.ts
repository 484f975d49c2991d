import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayPublish, maySubscribe } from '../../../../src/adapters/aedes/access.ts';
import { Users } from '../../../../src/adapters/aedes/users.ts';
import { topics } from '../../../../src/protocol/index.ts';
import { matches } from '../../../fakes/fake-transport.ts';

const device = { role: 'device', device: 'd1' } as const;
const controller = { role: 'controller' } as const;

describe('The access list', () => {
  it('lets a device publish what is its own and not its orders', () => {
    for (const kind of ['state', 'metrics', 'events', 'reported', 'response'] as const)
      expect(mayPublish(device, topics[kind]('d1'))).toBe(true);
    expect(mayPublish(device, topics.preview('d1', 'front'))).toBe(true);
    expect(mayPublish(device, `${topics.preview('d1', 'front')}/deeper`)).toBe(false);
    expect(mayPublish(device, topics.desired('d1'))).toBe(false);
    expect(mayPublish(device, topics.call('d1', 'ack'))).toBe(false);
    expect(mayPublish(device, topics.state('d2'))).toBe(false);
    expect(mayPublish(device, '$SYS/x')).toBe(false);
  });

  it('keeps of a device its state and its report, and no picture', () => {
    const kept = (topic: string) => mayPublish(device, topic, true);
    expect(kept(topics.state('d1'))).toBe(true);
    expect(kept(topics.reported('d1'))).toBe(true);
    for (const topic of [topics.preview('d1', 'front'), topics.metrics('d1'), topics.events('d1')])
      expect(kept(topic)).toBe(false);
    expect(mayPublish(controller, topics.desired('d1'), true)).toBe(true);
  });

  it('never lets a device hear what is meant for another, whatever the filter', () => {
    const level = fc.constantFrom(
      'goshawk',
      '1',
      'd1',
      'd2',
      '+',
      '#',
      'desired',
      'call',
      'ack',
      'state',
      '',
    );
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), (levels) => {
        const filter = levels.join('/');
        if (!maySubscribe(device, filter)) return;
        for (const foreign of [
          topics.desired('d2'),
          topics.call('d2', 'ack'),
          topics.state('d2'),
          topics.state('d1'),
        ])
          expect(matches(filter, foreign)).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(maySubscribe(device, topics.desired('d1'))).toBe(true);
    expect(maySubscribe(device, topics.call('d1', '#'))).toBe(true);
  });

  it('lets the controller do everything below its root, and only there', () => {
    expect(maySubscribe(controller, 'goshawk/1/#')).toBe(true);
    expect(mayPublish(controller, topics.desired('d1'))).toBe(true);
    expect(maySubscribe(controller, '#')).toBe(false);
    expect(mayPublish(controller, 'other/topic')).toBe(false);
  });
});

describe('Users', () => {
  const users = new Users([
    { username: 'd1', password: 'one', role: 'device' },
    { username: 'controller', password: 'two', role: 'controller' },
  ]);
  const bytes = (text: string) => new TextEncoder().encode(text);

  it('are known by name, password and client id', () => {
    expect(users.identify('d1', 'd1', bytes('one'))).toEqual(device);
    expect(users.identify('controller', 'controller', bytes('two'))).toEqual(controller);
    expect(users.identify('d1', 'controller', bytes('two'))).toBeUndefined();
    expect(users.identify('controller', 'd1', bytes('one'))).toBeUndefined();
    expect(users.identify('d2', 'd1', bytes('one'))).toBeUndefined();
  });

  it.each([
    ['d1', bytes('two')],
    ['d1', undefined],
    ['d1', bytes('')],
    ['nobody', bytes('')],
    ['nobody', bytes('one')],
    [undefined, bytes('one')],
    [undefined, undefined],
  ])('%s with a wrong password is nobody', (username, password) => {
    expect(users.identify('d1', username, password)).toBeUndefined();
  });
});
