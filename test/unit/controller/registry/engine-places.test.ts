import { describe, expect, it } from 'vitest';
import { EnginePlaces, type HeldEngine } from '../../../../src/controller/registry/engine-places.ts';

const plan = (device: string, key: string, subject = 's', bytes = 10): HeldEngine => ({
  ...{ device, key, subject, bytes },
});
const many = (count: number, one: (at: number) => HeldEngine) =>
  Array.from({ length: count }, (_, at) => one(at));

describe('Places for plans of devices', () => {
  const places = () => new EnginePlaces({ maxPlanBytes: 1000 });

  it.each<[string, HeldEngine[], HeldEngine, RegExp | undefined]>([
    ['the first one', [], plan('a', 'k'), undefined],
    ['a third of one kind', many(2, (at) => plan(`d${at}`, 'k')), plan('a', 'k'), undefined],
    ['a fourth of one kind', many(3, (at) => plan(`d${at}`, 'k')), plan('a', 'k'), /3 plans of this kind/],
    [
      'one of that kind for another model',
      many(3, (at) => plan(`d${at}`, 'k')),
      plan('a', 'k', 't'),
      undefined,
    ],
    ['a second of one kind by one device', [plan('a', 'k')], plan('a', 'k'), /from this device/],
    ['a fourth of one model by one device', many(3, (at) => plan('a', `k${at}`)), plan('a', 'k'), undefined],
    [
      'a fifth of one model by one device',
      many(4, (at) => plan('a', `k${at}`)),
      plan('a', 'k'),
      /4 of this model/,
    ],
    ['the 65th of one model', many(64, (at) => plan(`d${at}`, `k${at}`)), plan('a', 'k'), /64 of this model/],
    ['what fills the last byte', [plan('b', 'k', 't', 990)], plan('a', 'k'), undefined],
    ['a byte too many', [plan('b', 'k', 't', 991)], plan('a', 'k'), /1001 bytes/],
  ])('%s', (_title, stored, wanted, refused) => {
    const take = () => places().take(wanted, stored);
    if (refused === undefined) expect(take).not.toThrow();
    else expect(take).toThrow(refused);
  });

  it('are held by those on their way, each kind of limit', () => {
    const all = places();
    const others = many(3, (at) => plan(`d${at}`, 'k'));
    for (const one of others) all.take(one, []);
    expect(() => all.take(plan('a', 'k'), [])).toThrow(/3 plans of this kind/);
    expect(() => all.take(plan('d0', 'x', 't'), [])).toThrow(/of this device is on its way/);
    expect(() => all.take(plan('a', 'x', 't', 971), [])).toThrow(/1001 bytes/);
    for (const one of others) all.leave(one);
    expect(() => all.take(plan('a', 'k'), [])).not.toThrow();
  });

  it('are 32 at a time, so that people find uploads free', () => {
    const all = new EnginePlaces();
    for (const one of many(32, (at) => plan(`d${at}`, `k${at}`))) all.take(one, []);
    expect(() => all.take(plan('a', 'k'), [])).toThrow(/32 others/);
  });

  it('are looked at again when a plan has come: its own place does not count against it', () => {
    const all = places();
    const mine = plan('a', 'k');
    all.take(mine, []);
    const stored = (count: number) => many(count, (at) => plan(`d${at}`, 'k'));
    expect(() => all.expectRoom(mine, stored(2))).not.toThrow();
    expect(() => all.expectRoom(mine, stored(3))).toThrow(/3 plans of this kind/);
  });
});
