/*
 * Reads from an ELF file what it asks of the machine that loads it: libraries, their symbols and versions of these. Only
 * 64 bit, little endian, which is what amd64 and arm64 have.
 */

export interface ElfNeeds {
  readonly machine: 'amd64' | 'arm64' | 'other';
  /** DT_NEEDED, in the file's order. */
  readonly libraries: readonly string[];
  /** Versions by library: `libc.so.6` -> `GLIBC_2.17`, `GLIBC_2.34`. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** DT_RPATH and DT_RUNPATH. */
  readonly searchPaths: readonly string[];
  /** What must be found when it is loaded and has no version: the libraries of glibc and GCC give theirs one. */
  readonly symbols: readonly string[];
}

const machines: Readonly<Record<number, ElfNeeds['machine']>> = { 62: 'amd64', 183: 'arm64' };
const tag = {
  needed: 1,
  stringTable: 5,
  rpath: 15,
  runpath: 29,
  versionNeeds: 0x6ffffffe,
  versionNeedsCount: 0x6fffffff,
};
const segment = { load: 1, dynamic: 2 };
const section = { dynamicSymbols: 11, symbolVersions: 0x6fffffff };
const globalBinding = 1;

export function isElf(file: Buffer): boolean {
  return file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46;
}

/** Throws a RangeError where the file is cut off or its tables point outside of it. */
export function readElf(file: Buffer): ElfNeeds {
  if (!isElf(file) || file[4] !== 2 || file[5] !== 1)
    throw new RangeError('not a 64-bit little-endian ELF file');
  const machine = machines[file.readUInt16LE(18)] ?? 'other';
  const segments = programHeaders(file);
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  if (dynamic === undefined)
    return { machine, libraries: [], versions: new Map(), searchPaths: [], symbols: [] };
  const entries = dynamicEntries(file, dynamic);
  const dynamicValue = (wanted: number) => entries.find(([key]) => key === wanted)?.[1];
  const place = (address: number) => fileOffset(segments, address);
  const strings = place(dynamicValue(tag.stringTable) ?? 0);
  const text = (offset: number) => cString(file, strings + offset);
  const texts = (wanted: number) =>
    entries.filter(([key]) => key === wanted).map(([, offset]) => text(offset));
  const needs = dynamicValue(tag.versionNeeds);
  return {
    machine,
    libraries: texts(tag.needed),
    searchPaths: [...texts(tag.rpath), ...texts(tag.runpath)],
    versions:
      needs === undefined
        ? new Map()
        : versionNeeds(file, place(needs), dynamicValue(tag.versionNeedsCount) ?? 0, text),
    symbols: dynamicSymbols(file)
      .filter(({ isDefined, isWeak, isVersioned }) => !isDefined && !isWeak && !isVersioned)
      .map(({ name }) => name)
      .sort(),
  };
}

/** What a library gives to others. */
export function exportedSymbols(file: Buffer): ReadonlySet<string> {
  return new Set(
    dynamicSymbols(file)
      .filter(({ isDefined }) => isDefined)
      .map(({ name }) => name),
  );
}

interface DynamicSymbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly isWeak: boolean;
  readonly isVersioned: boolean;
}

/** Elf64_Sym, each with its Elf64_Half of a version. */
function dynamicSymbols(file: Buffer): readonly DynamicSymbol[] {
  const sections = sectionHeaders(file);
  const table = sections.find(({ type }) => type === section.dynamicSymbols);
  if (table === undefined) return [];
  const names = sections[table.link];
  if (names === undefined) throw new RangeError('the symbols have no names');
  const versions = sections.find(({ type }) => type === section.symbolVersions);
  const found: DynamicSymbol[] = [];
  for (let index = 1; index < table.size / 24; index++) {
    const at = table.offset + index * 24;
    found.push({
      name: cString(file, names.offset + file.readUInt32LE(at)),
      isWeak: file.readUInt8(at + 4) >> 4 !== globalBinding,
      isDefined: file.readUInt16LE(at + 6) !== 0,
      // 0 and 1: local, and global without a version; the highest bit hides an older one.
      isVersioned: versions !== undefined && (file.readUInt16LE(versions.offset + index * 2) & 0x7fff) > 1,
    });
  }
  return found;
}

function sectionHeaders(file: Buffer) {
  const begin = Number(file.readBigUInt64LE(40));
  const size = file.readUInt16LE(58);
  return Array.from({ length: file.readUInt16LE(60) }, (_, index) => {
    const at = begin + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
    };
  });
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function programHeaders(file: Buffer): readonly Segment[] {
  const begin = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = begin + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function dynamicEntries(file: Buffer, { offset, size }: Segment): readonly (readonly [number, number])[] {
  const entries: (readonly [number, number])[] = [];
  for (let at = offset; at < offset + size; at += 16) {
    const key = Number(file.readBigInt64LE(at));
    if (key === 0) break;
    entries.push([key, Number(file.readBigUInt64LE(at + 8))]);
  }
  return entries;
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const found = segments.find(
    (part) => part.type === segment.load && address >= part.address && address < part.address + part.size,
  );
  if (found === undefined) throw new RangeError(`no segment holds the address ${address.toString(16)}`);
  return address - found.address + found.offset;
}

function cString(file: Buffer, begin: number): string {
  const end = file.indexOf(0, begin);
  if (begin < 0 || end < 0) throw new RangeError('a string runs past the end of the file');
  return file.toString('utf8', begin, end);
}

/** Elf64_Verneed, each with its Elf64_Vernaux. */
function versionNeeds(
  file: Buffer,
  begin: number,
  count: number,
  text: (offset: number) => string,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let at = begin;
  for (let index = 0; index < count; index++) {
    const versions: string[] = [];
    let entry = at + file.readUInt32LE(at + 8);
    for (let left = file.readUInt16LE(at + 2); left > 0; left--) {
      versions.push(text(file.readUInt32LE(entry + 8)));
      const next = file.readUInt32LE(entry + 12);
      if (next === 0) break;
      entry += next;
    }
    const library = text(file.readUInt32LE(at + 4));
    found.set(library, [...(found.get(library) ?? []), ...versions]);
    const next = file.readUInt32LE(at + 12);
    if (next === 0) break;
    at += next;
  }
  return found;
}
