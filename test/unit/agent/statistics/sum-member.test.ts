import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeSumCrypto } from '../../../../src/adapters/crypto/index.ts';
import { SumMember } from '../../../../src/agent/index.ts';
import { sumMasked } from '../../../../src/drift/index.ts';
import { sumLength, sumLimits } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const labels = ['car', 'person'];
const hourMs = 3_600_000;
const round = (digit: string) => digit.repeat(32);

function fleetOf(count: number, leastDevices = 3) {
  const clock = new FakeClock();
  const members = Array.from({ length: count }, (_, at) => {
    const device = `d${at}`;
    return { device, member: new SumMember({ device, clock, keys: nodeSumCrypto, leastDevices }) };
  });
  const toHour = () => Math.floor(clock.wallMs() / hourMs);
  const join = (name: string, hours = 1) =>
    members.map(({ device, member }) => ({
      device,
      key: member.join({ round: name, toHour: toHour(), hours }).key,
    }));
  return { clock, members, join, toHour };
}
const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
const seen = (label: string, score: number) => ({ detections: [{ label, score, box }] }) as never;
const numbers = (text: string) => new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

describe('A device in a sum', () => {
  test('sends noise, while the sum of all is the count of the finished hours', () => {
    const member = fc.record({ car: fc.nat(30), person: fc.nat(30), dog: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(member, { minLength: 3, maxLength: 6 }), (counts) => {
        const fleet = fleetOf(counts.length);
        for (const [at, { car, person, dog }] of counts.entries()) {
          const add = (label: string, times: number) => {
            for (let n = 0; n < times; n++) fleet.members[at]!.member.add(seen(label, 0.62));
          };
          add('car', car);
          add('person', person);
          add('dog', dog);
        }
        fleet.clock.jumpWall(hourMs);
        // What comes now is of an hour that runs.
        fleet.members[0]!.member.add(seen('car', 0.9));
        const members = fleet.join(round('a'));
        const vectors = new Map(
          fleet.members.map(({ device, member: one }) => [
            device,
            numbers(one.masked({ round: round('a'), members, labels }).vector),
          ]),
        );
        const total = (key: 'car' | 'person' | 'dog') => counts.reduce((sum, one) => sum + one[key], 0);
        const scores = new Array(sumLimits.scoreBins).fill(0);
        scores[12] = total('car') + total('person') + total('dog');
        const devices = members.map(({ device }) => device);
        expect(sumMasked(vectors, devices)).toEqual([
          ...[total('car'), total('person'), total('dog')],
          ...scores,
        ]);
        // A single one says nothing: where it counted nothing there is no zero.
        const first = [...vectors.values()][0]!;
        expect(first.length).toBe(sumLength(labels.length));
        expect([...first].filter((value) => value < 1000).length).toBeLessThan(2);
      }),
      { numRuns: 15 },
    );
  });

  test('answers once for each round, with other masks in each, and not for long', () => {
    const { clock, members, join } = fleetOf(3);
    const { member } = members[0]!;
    const [first, second] = [join(round('a')), join(round('b'))];
    const a = member.masked({ round: round('a'), members: first, labels });
    expect(() => member.masked({ round: round('a'), members: first, labels })).toThrow(/has left that round/);
    expect(member.masked({ round: round('b'), members: second, labels })).not.toEqual(a);
    const late = join(round('c'));
    clock.advance(121_000);
    expect(() => member.masked({ round: round('c'), members: late, labels })).toThrow(/has left that round/);
  });

  test.each<
    [string, (members: { device: string; key: string }[]) => { device: string; key: string }[], RegExp]
  >([
    ['fewer members than it asks for', (members) => members.slice(0, 3), /fewer than the 4/],
    ['one member twice', ([a, b, c]) => [a!, b!, c!, b!], /twice/],
    ['one key for two members', ([a, b, c]) => [a!, b!, c!, { device: 'x', key: c!.key }], /twice/],
    [
      'another key for itself',
      ([, b, c, d]) => [{ device: 'd0', key: d!.key }, b!, c!, { ...d!, key: `${'A'.repeat(43)}=` }],
      /another one/,
    ],
    [
      'itself left out',
      ([, b, c, d]) => [b!, c!, d!, { device: 'x', key: `${'B'.repeat(42)}A=` }],
      /another one/,
    ],
    [
      'a key whose secret everybody knows',
      ([a, b, c]) => [a!, b!, c!, { device: 'x', key: `${'A'.repeat(43)}=` }],
      /is none/,
    ],
  ])('refuses %s', (_, change, why) => {
    const { members, join } = fleetOf(4, 4);
    const given = change(join(round('a')));
    expect(() => members[0]!.member.masked({ round: round('a'), members: given, labels })).toThrow(why);
  });

  test.each<[string, (at: number) => { labels?: string[]; back?: number; hours?: number }]>([
    ['other labels', (at) => (at === 0 ? { labels: ['car'] } : { labels: ['none'] })],
    ['other hours', (at) => (at === 0 ? {} : { back: 10 })],
    ['more hours', (at) => (at === 0 ? { hours: 2 } : {})],
  ])(
    'says noise to a controller that asks the others for %s, so that one alone is in the sum',
    (_, asked) => {
      const { clock, members, toHour } = fleetOf(4);
      for (let n = 0; n < 7; n++) members[0]!.member.add(seen('car', 0.62));
      clock.jumpWall(hourMs);
      const sumOf = (name: string, ask: typeof asked) => {
        const joined = members.map(({ device, member }, at) => {
          const { back = 0, hours = 1 } = ask(at);
          return { device, key: member.join({ round: name, toHour: toHour() - back, hours }).key };
        });
        const vectors = new Map(
          members.map(({ device, member }, at) => {
            const request = { round: name, members: joined, labels: ask(at).labels ?? ['car'] };
            return [device, numbers(member.masked(request).vector)];
          }),
        );
        return sumMasked(
          vectors,
          joined.map(({ device }) => device),
        )!;
      };
      expect(sumOf(round('a'), () => ({})).slice(0, 2)).toEqual([7, 0]);
      expect(sumOf(round('b'), asked).filter((value) => value < 1000).length).toBeLessThan(2);
    },
  );

  test('is asked for a whole day of the hours that are over, and for none before', () => {
    const { members, toHour } = fleetOf(1);
    const { member } = members[0]!;
    member.join({ round: round('a'), toHour: toHour(), hours: 24 });
    member.join({ round: round('b'), toHour: toHour() - 23, hours: 1 });
    for (const [back, hours] of [
      [1, 24],
      [24, 1],
    ] as const)
      expect(() => member.join({ round: round('c'), toHour: toHour() - back, hours })).toThrow(
        /hours of the last 24 h/,
      );
  });

  test('refuses hours that run or are long gone, rounds that it knows, and many rounds', () => {
    const { members, toHour } = fleetOf(3);
    const { member } = members[0]!;
    for (const hour of [toHour() + 1, toHour() - 30])
      expect(() => member.join({ round: round('a'), toHour: hour, hours: 1 })).toThrow(
        /hours of the last 24 h/,
      );
    member.join({ round: round('a'), toHour: toHour(), hours: 1 });
    expect(() => member.join({ round: round('a'), toHour: toHour(), hours: 1 })).toThrow(/is known/);
    const fleet = fleetOf(3);
    for (let at = 0; at < 6; at++) {
      const joined = fleet.join(round(String(at)));
      for (const one of fleet.members)
        one.member.masked({ round: round(String(at)), members: joined, labels });
    }
    expect(() => fleet.join(round('f'))).toThrow(/6 rounds within the hour/);
  });
});
