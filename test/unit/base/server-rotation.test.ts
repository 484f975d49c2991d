import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerRotation } from '../../../src/base/index.ts';
import { serverOrder } from '../../../src/base/server-rotation.ts';

const backoff = { firstMs: 1_000, maxMs: 60_000 };
const refusedBackoff = { firstMs: 100_000, maxMs: 1_000_000 };
const rotation = (servers: readonly string[], client = 'd1') =>
  new ServerRotation({ servers, client, backoff, refusedBackoff, random: () => 0 });

/** How each attempt ended, and what is waited then before the next. */
type Ends = 'away' | 'refused' | 'broke after 1 s' | 'broke after 1 h';
const ends: Readonly<Record<Ends, { readonly onlineMs?: number; readonly isRefused?: boolean }>> = {
  away: {},
  refused: { isRefused: true },
  'broke after 1 s': { onlineMs: 1_000 },
  'broke after 1 h': { onlineMs: 3_600_000 },
};

/** A, B and C in the order of the client; `B 500` says that it is tried next, after a wait of 500 ms. */
function played(size: number, attempts: readonly Ends[]): string {
  const servers = Array.from({ length: size }, (_, at) => `mqtts://broker-${at}`);
  const one = rotation(servers);
  const order = serverOrder('d1', servers);
  const letter = () => 'ABC'[order.indexOf(one.server)];
  expect(letter()).toBe('A');
  return attempts
    .map((end) => {
      const { waitMs } = one.next({ reason: end, ...ends[end] });
      return `${letter()} ${waitMs}`;
    })
    .join(', ');
}

describe('A client of several servers', () => {
  it.each<readonly [string, number, readonly Ends[], string]>([
    ['waits longer and longer for the only one', 1, ['away', 'away', 'away'], 'A 500, A 1000, A 2000'],
    [
      'tries the others at once, and waits after a whole round',
      3,
      ['away', 'away', 'away', 'away', 'away', 'away', 'away'],
      'B 0, C 0, A 500, B 0, C 0, A 1000, B 0',
    ],
    [
      'waits before it tries the one again that it was connected to for long',
      3,
      ['broke after 1 h', 'away', 'away', 'away'],
      'A 500, B 0, C 0, A 1000',
    ],
    [
      'returns to its first one when a lasting connection to another ends',
      3,
      ['away', 'broke after 1 h', 'away', 'broke after 1 h'],
      'B 0, A 500, B 0, A 500',
    ],
    [
      'leaves one that drops what it accepts, and waits longer each time',
      3,
      ['broke after 1 s', 'broke after 1 s', 'broke after 1 s', 'broke after 1 s'],
      'B 500, C 1000, A 2000, B 4000',
    ],
    [
      'asks one server after each long wait, once it is refused',
      3,
      ['refused', 'refused', 'refused', 'refused'],
      'B 50000, C 100000, A 200000, B 400000',
    ],
    [
      'leaves the server that refuses after a lasting connection',
      2,
      ['broke after 1 h', 'refused', 'broke after 1 h'],
      'A 500, B 100000, A 500',
    ],
    [
      'begins a new round after a refusal',
      3,
      ['away', 'refused', 'away', 'away', 'away'],
      'B 0, C 50000, A 0, B 0, C 1000',
    ],
    [
      'starts the waits anew after a lasting connection',
      2,
      ['away', 'away', 'away', 'away', 'broke after 1 h', 'away', 'away'],
      'B 0, A 500, B 0, A 1000, A 500, B 0, A 1000',
    ],
  ])('%s', (_, size, attempts, expected) => {
    expect(played(size, attempts)).toBe(expected);
  });

  it('is told why each server of a round failed, and of a refusal that alone; never a password', () => {
    const servers = ['mqtt://ann:hunter2@one', 'mqtt://two'];
    const one = rotation(servers);
    const [first, second] = serverOrder('d1', servers).map((server) => server.replace('ann:hunter2@', ''));
    expect(one.shown).toBe(first);
    expect(one.allShown).toBe('mqtt://one or mqtt://two');
    expect(one.next({ reason: 'ECONNREFUSED' }).reason).toBe(`${first}: ECONNREFUSED`);
    expect(one.next({ reason: 'ETIMEDOUT' }).reason).toBe(`${first}: ECONNREFUSED; ${second}: ETIMEDOUT`);
    one.next({ reason: 'ECONNREFUSED' });
    expect(one.next({ reason: 'wrong password', isRefused: true }).reason).toBe(`${second}: wrong password`);
    expect(rotation(['mqtt://one']).next({ reason: 'ECONNREFUSED' }).reason).toBe('ECONNREFUSED');
  });

  it('tries each server exactly once in a round, in the same order after a restart and in any order of the list', () => {
    const lists = fc.uniqueArray(fc.webUrl(), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(lists, fc.string(), (servers, client) => {
        const one = rotation(servers, client);
        const tried = servers.map(() => {
          const { server } = one;
          one.next({ reason: 'away' });
          return server;
        });
        expect([...tried].sort()).toEqual([...servers].sort());
        expect(serverOrder(client, [...servers].reverse())).toEqual(tried);
      }),
    );
  });

  it('keeps its order when a server is added or taken away', () => {
    const names = fc.uniqueArray(fc.webUrl(), { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(names, fc.string(), ([gone = '', ...stay], client) => {
        const before = serverOrder(client, [gone, ...stay]);
        expect(before.filter((server) => server !== gone)).toEqual(serverOrder(client, stay));
      }),
    );
  });
});

describe('10,000 devices', () => {
  const servers = ['mqtts://a.example:8883', 'mqtts://b.example:8883', 'mqtts://c.example:8883'];
  const devices = Array.from({ length: 10_000 }, (_, at) => `truck-${at}`);
  const shares = (from: readonly string[], place: number) => {
    const counts = new Map<string, number>();
    for (const device of from) {
      const server = serverOrder(device, servers)[place] ?? '';
      counts.set(server, (counts.get(server) ?? 0) + 1);
    }
    return [...counts.values()];
  };

  it('are spread evenly over three servers', () => {
    for (const count of shares(devices, 0)) expect(Math.abs(count - 10_000 / 3)).toBeLessThan(150);
  });

  it('are spread evenly over the other two when one dies', () => {
    for (const dead of servers) {
      const lost = devices.filter((device) => serverOrder(device, servers)[0] === dead);
      const counts = shares(lost, 1);
      expect(counts).toHaveLength(2);
      for (const count of counts) expect(Math.abs(count - lost.length / 2)).toBeLessThan(150);
    }
  });
});
