import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What was done to the disk, in the order in which it was done. */
export type DiskStep =
  | { readonly kind: 'create' | 'sync' | 'remove' | 'sync-folder'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Buffer }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

/**
 * What is on the disk after a cut. `kill`: the process ended, the kernel goes on. `lost`: what was not synced is gone, names
 * too. `torn`: names are there, and of bytes that were not synced this share.
 */
export type Cut =
  | { readonly kind: 'kill' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'torn'; readonly share: number };

interface Inode {
  bytes: Buffer;
  synced: Buffer;
}

/** Replays recorded steps up to a cut. */
export function diskAfter(steps: readonly DiskStep[], cut: Cut): ReadonlyMap<string, Buffer> {
  const names = new Map<string, Inode>();
  const durable = new Map<string, Inode>();
  for (const step of steps) {
    const inode = names.get(step.path);
    if (step.kind === 'create') names.set(step.path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
    else if (step.kind === 'write' && inode !== undefined)
      inode.bytes = Buffer.concat([inode.bytes, step.bytes]);
    else if (step.kind === 'sync' && inode !== undefined) inode.synced = inode.bytes;
    else if (step.kind === 'remove') names.delete(step.path);
    else if (step.kind === 'rename' && inode !== undefined) {
      names.delete(step.path);
      names.set(step.to, inode);
    } else if (step.kind === 'sync-folder') {
      for (const path of [...durable.keys()])
        if (dirname(path) === step.path && !names.has(path)) durable.delete(path);
      for (const [path, one] of names) if (dirname(path) === step.path) durable.set(path, one);
    }
  }
  const of = ({ bytes, synced }: Inode): Buffer => {
    if (cut.kind === 'kill') return bytes;
    if (cut.kind === 'lost') return synced;
    return Buffer.concat([
      synced,
      bytes.subarray(
        synced.byteLength,
        synced.byteLength + Math.floor((bytes.byteLength - synced.byteLength) * cut.share),
      ),
    ]);
  };
  return new Map([...(cut.kind === 'lost' ? durable : names)].map(([path, inode]) => [path, of(inode)]));
}

/** Puts files that lay below `from` into `to`. */
export function writeDisk(files: ReadonlyMap<string, Buffer>, from: string, to: string): void {
  for (const [path, bytes] of files) {
    const place = join(to, relative(from, path));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytes);
  }
}
