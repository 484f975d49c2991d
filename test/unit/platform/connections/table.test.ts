import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionTable, FairTurns, networkOf } from '../../../../src/platform/connections/table.ts';

describe('Where a connection comes from', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    [undefined, ''],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('Who makes room', () => {
  it('is of who holds the most the oldest on which nothing is asked', () => {
    const table = new ConnectionTable<string>();
    for (const [connection, network] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['b2', 'b'],
      ['b3', 'b'],
      ['c1', 'c'],
    ] as const)
      table.add(connection, network);
    table.setBusy('b1', true);
    expect(table.victim()).toBe('b2');
    // On b1 something was asked once: who asks anew on it finds it.
    table.setBusy('b1', false);
    expect(table.victim()).toBe('b2');
    table.setBusy('b1', true);
    for (const one of ['b2', 'b3']) table.setBusy(one, true);
    expect(table.victim()).toBeUndefined();
    table.setBusy('b1', false);
    expect(table.victim()).toBe('b1');
    for (const one of ['b1', 'b2', 'b3', 'b3']) table.remove(one);
    expect(table.size).toBe(2);
    expect(table.victim()).toBe('a1');
    for (const one of ['a1', 'c1']) table.remove(one);
    expect([table.size, table.victim()]).toEqual([0, undefined]);
  });

  it('is never of a network with fewer than the crowd has, whatever came and went', () => {
    const step = fc.record({ network: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new ConnectionTable<number>();
        const open = new Map<number, string>();
        for (const [at, { network, leaves }] of steps.entries()) {
          const [oldest] = [...open].find(([, of]) => of === network) ?? [];
          if (leaves && oldest !== undefined) {
            open.delete(oldest);
            table.remove(oldest);
          } else {
            open.set(at, network);
            table.add(at, network);
          }
          const countOf = (of: string | undefined) => [...open.values()].filter((one) => one === of).length;
          const victim = table.victim();
          if (open.size === 0) expect(victim).toBeUndefined();
          else expect(countOf(open.get(victim ?? -1))).toBe(Math.max(...[...open.values()].map(countOf)));
        }
      }),
    );
  });
});

describe('Turns', () => {
  it('go from one network to the next, and in one of them to the oldest and to the newest', () => {
    const turns = new FairTurns<string>();
    for (let i = 0; i < 6; i++) turns.wait(`a${i}`, 'a');
    turns.wait('b0', 'b');
    turns.wait('c0', 'c');
    const order: string[] = [];
    for (let next = turns.next(); next !== undefined; next = turns.next()) order.push(next);
    expect(order.slice(0, 3)).toEqual(['a0', 'b0', 'c0']);
    expect(order.slice(3)).toEqual(['a5', 'a1', 'a4', 'a2', 'a3']);
  });

  it('are not of whoever left', () => {
    const turns = new FairTurns<string>();
    turns.wait('a0', 'a');
    turns.wait('a1', 'a');
    turns.leave('a0', 'a');
    turns.leave('x', 'y');
    expect([turns.next(), turns.next()]).toEqual(['a1', undefined]);
  });
});
