import { expect, it } from 'vitest';
import { RateLimitedLog } from '../../../src/base/index.ts';
import { Counters } from '../../../src/controller/counters.ts';
import { Guard } from '../../../src/controller/guard.ts';
import { type Module, Modules } from '../../../src/controller/module.ts';
import { eventBus } from '../../fakes/event-bus.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const bad = () => {
  throw new Error('broken');
};

it('An event reaches all in the order in which they came, at once, also where one of them throws', () => {
  const log = new RecordingLog();
  const bus = eventBus(new FakeClock(), log);
  const heard: string[] = [];
  bus.on('deviceChanged', (device) => heard.push(`first ${device}`));
  bus.on('deviceChanged', bad);
  const end = bus.on('deviceChanged', (device) => heard.push(`third ${device}`));
  bus.emit('deviceChanged', 'd1');
  expect(heard).toEqual(['first d1', 'third d1']);
  expect(log.at('warn')).toMatchObject([
    [expect.any(String), { what: 'hear deviceChanged', cause: 'broken' }],
  ]);
  end();
  bus.emit('deviceChanged', 'd2');
  expect(heard.at(-1)).toBe('first d2');
});

it('Who settles an event waits for what follows from it, and hears what went wrong', async () => {
  const bus = eventBus(new FakeClock());
  const done: string[] = [];
  bus.on('certificatesRevoked', async () => {
    await Promise.resolve();
    done.push('plans are gone');
  });
  await bus.settle('certificatesRevoked');
  expect(done).toEqual(['plans are gone']);
  bus.on('certificatesRevoked', () => Promise.reject(new Error('the disk is read-only')));
  await expect(bus.settle('certificatesRevoked')).rejects.toThrow('read-only');
});

it('Modules load and start in their order, do their tasks, forget a device one and all, and close in reverse', async () => {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const bus = eventBus(clock, log);
  const seen: string[] = [];
  const module = (name: string): Module => ({
    load: () => void seen.push(`load ${name}`),
    start: async () => void seen.push(`start ${name}`),
    tasks: () => [{ everyMs: 1_000, run: () => seen.push(`task ${name}`) }],
    forgetDevice: (device) => void seen.push(`forget ${device} ${name}`),
    close: async () => void seen.push(`close ${name}`),
  });
  const guard = new Guard(new RateLimitedLog(log, clock), new Counters());
  const modules = new Modules([module('a'), { forgetDevice: bad }, module('b')], { bus, guard, clock });
  await modules.load({} as never);
  await modules.start();
  await clock.pass(1_000);
  bus.emit('deviceDeleted', 'd1');
  await modules.close();
  await clock.pass(1_000);
  expect(seen).toEqual(
    ['load a', 'load b', 'start a', 'start b', 'task a', 'task b', 'forget d1 a', 'forget d1 b'].concat([
      'close b',
      'close a',
    ]),
  );
});
