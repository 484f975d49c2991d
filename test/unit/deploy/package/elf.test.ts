import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { abiComplaints } from '../../../../deploy/package/abi.ts';
import { type ElfNeeds, exportedSymbols, isElf, readElf } from '../../../../deploy/package/elf.ts';

/**
 * A shared object with one library, one symbol version, a search path and one symbol that it calls, as a linker would lay it
 * out.
 */
function elf({
  library = 'libc.so.6',
  version = 'GLIBC_2.34',
  runpath = '$ORIGIN',
  machine = 62,
  symbol = 'napi_create_object',
  isWeak = false,
  isDefined = false,
  isVersioned = false,
} = {}): Buffer {
  const file = Buffer.alloc(1536);
  file.write('\x7fELF', 'latin1');
  file.set([2, 1, 1], 4);
  file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const header = (at: number, type: number, offset: number, size: number) => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    // Loaded elsewhere than it lies in the file, so that the two can't be mixed up.
    file.writeBigUInt64LE(BigInt(offset + 0x10000), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
  };
  header(64, 1, 0, 1536);
  header(120, 2, 256, 128);
  const strings = 512;
  const names = ['', library, version, runpath];
  const places = names.map((_, index) => names.slice(0, index).join('\0').length + (index === 0 ? 0 : 1));
  file.write(`${names.join('\0')}\0`, strings);
  const needs = 768;
  [
    [1, places[1]!],
    [5, strings + 0x10000],
    [29, places[3]!],
    [0x6ffffffe, needs + 0x10000],
    [0x6fffffff, 1],
    [0, 0],
  ].forEach(([key, value], index) => {
    file.writeBigInt64LE(BigInt(key!), 256 + index * 16);
    file.writeBigUInt64LE(BigInt(value!), 264 + index * 16);
  });
  file.writeUInt16LE(1, needs);
  file.writeUInt16LE(1, needs + 2);
  file.writeUInt32LE(places[1]!, needs + 4);
  file.writeUInt32LE(16, needs + 8);
  file.writeUInt32LE(places[2]!, needs + 16 + 8);
  // Sections: none, symbols with their names, their versions.
  file.writeBigUInt64LE(1280n, 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(4, 60);
  [
    [11, 1088, 48, 2],
    [3, 1152, symbol.length + 2, 0],
    [0x6fffffff, 1248, 4, 0],
  ].forEach(([type, offset, size, link], index) => {
    const at = 1280 + (index + 1) * 64;
    file.writeUInt32LE(type!, at + 4);
    file.writeBigUInt64LE(BigInt(offset!), at + 24);
    file.writeBigUInt64LE(BigInt(size!), at + 32);
    file.writeUInt32LE(link!, at + 40);
  });
  file.write(`\0${symbol}\0`, 1152);
  file.writeUInt32LE(1, 1088 + 24);
  file.writeUInt8((isWeak ? 2 : 1) << 4, 1088 + 24 + 4);
  file.writeUInt16LE(isDefined ? 1 : 0, 1088 + 24 + 6);
  file.writeUInt16LE(isVersioned ? 2 : 1, 1248 + 2);
  return file;
}

describe('The reader of ELF files', () => {
  it('reads libraries, symbol versions and search paths', () => {
    expect(readElf(elf())).toEqual({
      machine: 'amd64',
      libraries: ['libc.so.6'],
      versions: new Map([['libc.so.6', ['GLIBC_2.34']]]),
      searchPaths: ['$ORIGIN'],
      symbols: ['napi_create_object'],
    });
  });

  it('tells what must be found from what may be missing, what has a version and what the file has itself', () => {
    expect(readElf(elf({ isWeak: true })).symbols).toEqual([]);
    expect(readElf(elf({ isVersioned: true })).symbols).toEqual([]);
    expect(readElf(elf({ isDefined: true })).symbols).toEqual([]);
    expect([...exportedSymbols(elf({ isDefined: true, symbol: 'dds_write' }))]).toEqual(['dds_write']);
    expect([...exportedSymbols(elf())]).toEqual([]);
  });

  it('reads the program that runs this test', () => {
    const needs = readElf(readFileSync(process.execPath));
    expect(needs.libraries).toContain('libc.so.6');
    expect(needs.versions.get('libc.so.6')?.some((version) => version.startsWith('GLIBC_2.'))).toBe(true);
  });

  it('ends with a RangeError, and soon, whatever bytes it is given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1535), fc.nat(255)), { maxLength: 40 }),
        fc.nat(1536),
        (changes, length) => {
          const file = elf();
          for (const [at, value] of changes) file[at] = value;
          try {
            readElf(file.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes a text for a text', () => {
    expect(isElf(Buffer.from('#!/bin/sh\n'.repeat(20)))).toBe(false);
  });
});

describe('What a shipped binary may ask of the machine', () => {
  const complaints = (changes: Parameters<typeof elf>[0], name = 'goshawk.node') =>
    abiComplaints(name, readElf(elf(changes)), 'amd64');

  it('lets pass what runs with glibc 2.35', () => {
    expect(complaints({ version: 'GLIBC_2.35' })).toEqual([]);
    expect(complaints({ version: 'GLIBC_2.4' })).toEqual([]);
  });

  it.each([
    ['a newer glibc', { version: 'GLIBC_2.38' }, /needs GLIBC_2.38 of libc.so.6; promised is GLIBC_2.35/],
    ['a newer libstdc++', { library: 'libstdc++.so.6', version: 'GLIBCXX_3.4.32' }, /GLIBCXX_3.4.32/],
    [
      'a library that not every system has',
      { library: 'libnode.so.115' },
      /libnode.so.115, which is not on the list/,
    ],
    [
      'a folder of the machine that it was built on',
      { runpath: '/home/build/lib' },
      /looks for libraries in/,
    ],
    ['another processor', { machine: 183 }, /built for arm64, not amd64/],
  ])('refuses %s', (_, changes, words) => {
    expect(complaints(changes).join('\n')).toMatch(words);
  });

  it('allows a library to the one file that may need it', () => {
    const needs = { library: 'libddsc.so.0debian', version: 'x' };
    expect(complaints(needs, 'goshawk_dds.node')).toEqual([]);
    expect(complaints(needs, 'goshawk.node')).toHaveLength(1);
  });

  it('refuses a file that was linked without a library whose symbols it calls', () => {
    expect(complaints({}, 'goshawk_dds.node')).toEqual([
      'goshawk_dds.node does not name libddsc.so.0debian, whose symbols it calls: it was linked without it',
    ]);
    const lost = complaints({ library: 'libgstapp-1.0.so.0', version: 'x' }, 'goshawk_gstreamer.node');
    expect(lost).toHaveLength(5);
    expect(lost.join('\n')).toContain('does not name libgstallocators-1.0.so.0');
  });

  it('refuses a symbol that the oldest version of a library has not, or that is of a library that is not named', () => {
    const cyclone = { library: 'libddsc.so.0debian', version: 'x' };
    expect(complaints({ ...cyclone, symbol: 'dds_create_participant' }, 'goshawk_dds.node')).toEqual([]);
    expect(complaints({ ...cyclone, symbol: 'gst_video_is_dma_drm_caps' }, 'goshawk_dds.node')).toEqual([
      expect.stringMatching(/^goshawk_dds.node calls gst_video_is_dma_drm_caps, which none of its libraries/),
    ]);
    expect(complaints({ symbol: 'dds_create_participant' })).toHaveLength(1);
    expect(complaints({ symbol: 'dds_create_participant', isWeak: true })).toEqual([]);
    // Of others' binaries only libraries and versions are looked at.
    expect(complaints({ symbol: 'of_theirs' }, 'sqlite.glibc.node')).toEqual([]);
  });

  it('allows a newer libstdc++ only to what runs on Debian 13 alone', () => {
    const newer = (version: string, name: string) =>
      complaints({ library: 'libstdc++.so.6', version }, name).filter((words) => words.includes(version));
    expect(newer('CXXABI_1.3.15', 'goshawk_fastdds.node')).toEqual([]);
    expect(newer('CXXABI_1.3.15', 'goshawk_dds.node')).toHaveLength(1);
    expect(newer('CXXABI_1.3.16', 'goshawk_fastdds.node')).toHaveLength(1);
  });

  it('does not take private symbols for versions that can be compared', () => {
    const needs: ElfNeeds = {
      machine: 'amd64',
      libraries: [],
      versions: new Map([['libc.so.6', ['GLIBC_PRIVATE']]]),
      searchPaths: [],
      symbols: [],
    };
    expect(abiComplaints('goshawk.node', needs, 'amd64')).toEqual([
      'goshawk.node needs GLIBC_PRIVATE of libc.so.6, which belongs to one build of it',
    ]);
  });
});
