import { describe, expect, it } from 'vitest';
import { DiagnosticsBoard } from '../../../../src/ros2/index.ts';

const status = (name: string, level: number, message = 'hot') => ({
  ...{ name, level, message, hardwareId: '', values: {} },
});
const board = () => new DiagnosticsBoard('goshawk: ');

describe('The diagnostics of a robot', () => {
  it('tell a fault once it has lasted, and its end', () => {
    const parts = board();
    parts.take([status('motor', 2), status('lidar', 0)], 0);
    expect(parts.changes(2999)).toEqual([]);
    expect(parts.changes(3000)).toEqual([{ name: 'motor', level: 'error', message: 'hot' }]);
    expect(parts.problems()).toEqual([{ name: 'motor', level: 'error', message: 'hot', sinceMs: 0 }]);
    parts.take([status('motor', 2), status('lidar', 0)], 4000);
    expect(parts.changes(9000)).toEqual([]);
    parts.take([status('motor', 0, 'fine'), status('lidar', 0)], 10_000);
    expect(parts.changes(13_000)).toEqual([{ name: 'motor', level: 'ok', message: 'fine' }]);
    expect(parts.problems()).toEqual([]);
    expect(parts.parts).toBe(2);
  });

  it('say nothing of what flickers', () => {
    const parts = board();
    for (let second = 0; second < 20; second += 1) {
      parts.take([status('motor', second % 2 === 0 ? 2 : 0)], second * 1000);
      expect(parts.changes(second * 1000 + 900)).toEqual([]);
    }
  });

  it('tell of a part that is not heard any more, and forget it in the end', () => {
    const parts = board();
    parts.take([status('motor', 0)], 0);
    expect(parts.changes(30_000)).toEqual([]);
    expect(parts.changes(34_000)).toEqual([
      { name: 'motor', level: 'stale', message: 'it is not heard any more' },
    ]);
    expect(parts.changes(600_000)).toEqual([]);
    expect(parts.changes(600_001)).toEqual([
      { name: 'motor', level: 'ok', message: 'it was not heard for ten minutes', forgotten: true },
    ]);
    expect(parts.parts).toBe(0);
    expect(parts.problems()).toEqual([]);
    expect(parts.changes(700_000)).toEqual([]);
  });

  it('keep a report until another one comes, with the last words at that level', () => {
    const parts = board();
    parts.take([status('motor', 2, '30 A')], 0);
    parts.changes(3000);
    parts.take([status('motor', 0, 'fine')], 4000);
    expect(parts.changes(4500)).toEqual([]);
    expect(parts.problems()).toEqual([{ name: 'motor', level: 'error', message: '30 A', sinceMs: 0 }]);
    parts.take([status('motor', 2, '31 A')], 5000);
    expect(parts.changes(9000)).toEqual([]);
    expect(parts.problems()).toEqual([{ name: 'motor', level: 'error', message: '31 A', sinceMs: 0 }]);
    parts.take([status('motor', 1, '9 A')], 10_000);
    expect(parts.changes(13_000)).toEqual([{ name: 'motor', level: 'warn', message: '9 A' }]);
    expect(parts.problems()).toEqual([{ name: 'motor', level: 'warn', message: '9 A', sinceMs: 10_000 }]);
  });

  it('make room for a part that is not well by one that is, where there are more than are known', () => {
    const parts = board();
    const well = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => status(`fine ${from + at}`, 0, ''));
    parts.take([status('was well', 0), status('motor', 2)], 0);
    parts.take(well(0, 200), 1000);
    expect(parts.leftOut).toBe(74);
    // A message of others, with those that there is no room for before it.
    parts.take([...well(0, 200), status('brakes', 2, 'broken')], 2000);
    expect(parts.leftOut).toBe(148);
    parts.changes(5000);
    expect(parts.problems().map(({ name }) => name)).toEqual(['brakes', 'motor']);
    expect(parts.parts).toBe(128);
    // Who was not heard for longest keeps its place, so that its silence is told.
    expect(parts.changes(31_000)).toContainEqual(
      expect.objectContaining({ name: 'was well', level: 'stale' }),
    );
  });

  it('tell of a part that fails although others warn with ever new names', () => {
    const parts = board();
    const told: string[] = [];
    const real = Array.from({ length: 20 }, (_, at) => status(`real ${at}`, 0)).concat(status('brakes', 0));
    for (let second = 0; second < 200; second += 1) {
      parts.take([status(`job ${second}`, 1), ...real], second * 1000);
      told.push(...parts.changes(second * 1000).flatMap(({ name, level }) => (level === 'ok' ? [] : [name])));
    }
    for (let second = 200; second < 210; second += 1) {
      parts.take([status(`job ${second}`, 1), status('brakes', 2)], second * 1000);
      for (const { name, level } of parts.changes(second * 1000)) if (level !== 'ok') told.push(name);
    }
    expect(parts.parts).toBe(128);
    expect(told).toContain('brakes');
    expect(parts.problems()[0]?.name).toBe('brakes');
  });

  it('give the place of one that warns to one that fails, not the other way round, and say that it is known no more', () => {
    const parts = board();
    const many = (level: number) => Array.from({ length: 128 }, (_, at) => status(`part ${at}`, level));
    parts.take(many(1), 0);
    parts.changes(3000);
    parts.take([...many(1), status('one more', 1), status('worn', 3), status('brakes', 2)], 3000);
    expect(parts.leftOut).toBe(2);
    expect(parts.changes(3000)).toEqual([
      { name: 'part 0', level: 'ok', message: 'parts that are worse took its place', forgotten: true },
    ]);
    expect(parts.changes(6000)).toEqual([{ name: 'brakes', level: 'error', message: 'hot' }]);
  });

  it('keep a part that is not well, also before that was told', () => {
    const parts = board();
    parts.take([status('brakes', 2, 'broken')], 0);
    for (let at = 0; at < 500; at += 1) parts.take([status(`other ${at}`, 2)], 0);
    parts.changes(3000);
    parts.take([status('brakes', 0, 'fine'), status('one more', 2)], 3000);
    expect(parts.problems()).toHaveLength(128);
    expect(parts.problems()[0]?.name).toBe('brakes');
  });

  it('leave our own out', () => {
    const parts = board();
    parts.take([status('goshawk: front', 2)], 0);
    expect(parts.parts).toBe(0);
  });

  it('put the worst first', () => {
    const parts = board();
    parts.take([status('b', 1), status('a', 1), status('c', 2), status('d', 3), status('e', 77)], 0);
    parts.changes(3000);
    expect(parts.problems().map(({ name, level }) => `${name} ${level}`)).toEqual([
      'c error',
      'e error',
      'd stale',
      'a warn',
      'b warn',
    ]);
  });

  it('are bounded in number and length, whoever sends them', () => {
    const parts = board();
    for (let at = 0; at < 500; at += 1)
      parts.take([status(`${at} ${'x'.repeat(1000)}`, 2, 'y'.repeat(9000))], 0);
    parts.changes(3000);
    expect(parts.parts).toBe(128);
    expect(parts.leftOut).toBe(372);
    const [first] = parts.problems();
    expect(first?.name).toHaveLength(100);
    expect(first?.message).toHaveLength(300);
  });
});
