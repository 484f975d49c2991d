import { fstatSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PlanInMemory } from '../../../../device/native/plan-seal.ts';

describe('Network and plan of one build in memory', () => {
  it('leave no file open where the second one cannot be made', () => {
    const opened: number[] = [];
    const memoryFile = () => {
      if (opened.length === 1) throw new Error('no more files');
      opened.push(openSync('/dev/null', 'r'));
      return opened[0]!;
    };
    expect(() => new PlanInMemory(new Uint8Array([1]), () => () => {}, memoryFile)).toThrow('no more files');
    expect(opened).toHaveLength(1);
    expect(() => fstatSync(opened[0]!)).toThrow('EBADF');
  });

  it('leave no file open where the network cannot be kept', () => {
    const opened: number[] = [];
    const memoryFile = () => {
      opened.push(openSync('/dev/null', 'r'));
      return opened.at(-1)!;
    };
    const keep = () => {
      throw new Error('no memory');
    };
    expect(() => new PlanInMemory(new Uint8Array([1]), keep, memoryFile)).toThrow('no memory');
    expect(opened).toHaveLength(2);
    for (const file of opened) expect(() => fstatSync(file)).toThrow('EBADF');
  });
});
