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
    expect(parts.changes(600_001)).toEqual([]);
    expect(parts.parts).toBe(0);
    expect(parts.problems()).toEqual([]);
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
