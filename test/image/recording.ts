import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/*
 * What was written to a disk, in its order, with every flush: the log that QEMU's driver blklogwrites keeps, in the form of Linux's
 * dm-log-writes. From it comes the disk as a cut of power at any moment would have left it.
 */

const magic = 0x6a736677736872n;
const flags = { flush: 1, fua: 2, discard: 4 } as const;

export interface Entry {
  /** Of the write on the disk, in bytes. */
  readonly at: number;
  readonly bytes: number;
  /** Where what was written lies in the log. */
  readonly data: number;
  /** Everything before it is on the medium. */
  readonly flush: boolean;
  /** It is on the medium itself. */
  readonly forced: boolean;
}

/** Every whole entry of a log. The last one may be cut off. */
export function readLog(path: string): readonly Entry[] {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(32);
    readSync(file, head, 0, 32, 0);
    if (head.readBigUInt64LE(0) !== magic) throw new Error(`${path} is no log of writes`);
    const sector = head.readUInt32LE(24);
    const entries: Entry[] = [];
    for (let at = sector; at + sector <= size; ) {
      readSync(file, head, 0, 32, at);
      const kind = Number(head.readBigUInt64LE(16));
      const bytes = Number(head.readBigUInt64LE(8)) * sector;
      const data = at + sector;
      const discard = (kind & flags.discard) !== 0;
      const next = data + (discard ? 0 : bytes);
      if (next > size) break;
      entries.push({
        at: Number(head.readBigUInt64LE(0)) * sector,
        bytes: discard ? 0 : bytes,
        data,
        flush: (kind & flags.flush) !== 0,
        forced: (kind & flags.fua) !== 0,
      });
      at = next;
    }
    return entries;
  } finally {
    closeSync(file);
  }
}

/** How many bytes a log has now: a moment of the recording. */
export const momentOf = (path: string): number => statSync(path).size;

export interface Cut {
  /** Writes that came before the cut. */
  readonly writes: number;
  /** Of those, the ones that no flush had made sure, and how many of these the disk lost. */
  readonly unsure: number;
  readonly lost: number;
}

/**
 * Which writes a disk holds whose power was cut before the entry `end`. What came after the last flush is there by chance; of the
 * last write that is there, too, only the sectors up to one.
 */
export function survivors(
  entries: readonly Entry[],
  end: number,
  chance: () => number,
): { readonly kept: readonly Entry[]; readonly cut: Cut } {
  const before = entries.slice(0, end);
  const sure = before.findLastIndex(({ flush }) => flush);
  const kept: Entry[] = [];
  let unsure = 0;
  for (const [index, entry] of before.entries()) {
    if (entry.bytes === 0) continue;
    if (index <= sure || entry.forced) kept.push(entry);
    else {
      unsure += 1;
      if (chance() < 0.5) kept.push(entry);
    }
  }
  const writes = before.filter(({ bytes }) => bytes > 0).length;
  const last = kept.at(-1);
  if (last !== undefined && unsure > 0 && before.indexOf(last) > sure && !last.forced) {
    const sectors = Math.floor(chance() * (last.bytes / 512 + 1));
    kept[kept.length - 1] = { ...last, bytes: sectors * 512 };
  }
  return { kept, cut: { writes, unsure, lost: writes - kept.length } };
}

/** Writes them over a copy of the disk as it was at the beginning. */
export function replay(log: string, kept: readonly Entry[], disk: string): void {
  const from = openSync(log, 'r');
  const to = openSync(disk, 'r+');
  try {
    for (const { at, bytes, data } of kept) {
      const chunk = Buffer.alloc(bytes);
      readSync(from, chunk, 0, bytes, data);
      writeSync(to, chunk, 0, bytes, at);
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
