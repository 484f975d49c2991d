import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, readLog, replay, survivors } from './recording.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'goshawk-recording-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const write = (at: number, sectors: number, fill: string) => ({ at, sectors, fill, flags: 0 });
const flush = { at: 0, sectors: 0, fill: '', flags: 1 };
const forced = (at: number, sectors: number, fill: string) => ({ at, sectors, fill, flags: 2 });

/** A log as QEMU writes it. */
function log(entries: readonly ReturnType<typeof write>[]): string {
  const head = Buffer.alloc(512);
  head.writeBigUInt64LE(0x6a736677736872n, 0);
  head.writeBigUInt64LE(1n, 8);
  head.writeUInt32LE(512, 24);
  const parts = entries.map(({ at, sectors, fill, flags }) => {
    const entry = Buffer.alloc(512);
    entry.writeBigUInt64LE(BigInt(at), 0);
    entry.writeBigUInt64LE(BigInt(sectors), 8);
    entry.writeBigUInt64LE(BigInt(flags), 16);
    return Buffer.concat([entry, Buffer.alloc(sectors * 512, fill)]);
  });
  const path = join(place, 'log');
  writeFileSync(path, Buffer.concat([head, ...parts]));
  return path;
}

const all = [
  write(0, 2, 'a'),
  write(2, 1, 'b'),
  flush,
  write(4, 2, 'c'),
  forced(6, 1, 'd'),
  write(0, 1, 'e'),
];

/** One letter for each sector; a dot where nothing was written. */
function diskAfter(path: string, kept: readonly Entry[]): string {
  const disk = join(place, 'disk');
  writeFileSync(disk, Buffer.alloc(8 * 512, '.'));
  replay(path, kept, disk);
  const bytes = readFileSync(disk, 'latin1');
  return [...Array(8).keys()].map((sector) => bytes.charAt(sector * 512)).join('');
}

describe('A recording of what was written to a disk', () => {
  it.each([
    ['nothing, before the first entry', 0, () => 0, '........'],
    ['by luck, what no flush had made sure; of the last write nothing', 2, () => 0.49, 'aa......'],
    ['what was flushed, and nothing else without luck', 4, () => 0.99, 'aab.....'],
    ['what was forced, though a write before it is lost', 6, () => 0.99, 'aab...d.'],
  ])('a cut leaves %s', (_what, end, chance, disk) => {
    const path = log(all);
    const { kept } = survivors(readLog(path), end, chance);
    expect(diskAfter(path, kept)).toBe(disk);
  });

  it('the last write that is there is cut off at a sector', () => {
    const path = log(all);
    const chances = [0, 0.5];
    const { kept, cut } = survivors(readLog(path), 4, () => chances.shift() ?? 0);
    expect(diskAfter(path, kept)).toBe('aab.c...');
    expect(cut).toEqual({ writes: 3, unsure: 1, lost: 0 });
  });

  it('an entry that was cut off itself is none', () => {
    const path = log(all);
    writeFileSync(path, readFileSync(path).subarray(0, -100));
    expect(readLog(path)).toHaveLength(all.length - 1);
  });

  it('a file of another kind is refused', () => {
    const path = join(place, 'other');
    writeFileSync(path, Buffer.alloc(1024));
    expect(() => readLog(path)).toThrow('no log of writes');
  });
});
