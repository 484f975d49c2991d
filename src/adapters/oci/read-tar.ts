import { open } from 'node:fs/promises';
import { InputError } from '../../base/index.ts';
import { tarBlockBytes, tarSum } from '../../platform/index.ts';

/** Blobs, folders and two small files: a bundle has 1,000 files at most. */
const maxEntries = 20_000;

export interface TarEntry {
  /** First byte. */
  readonly start: number;
  readonly size: number;
}

/** Where the plain files of a tar lie. Links, folders and long names are passed over; a layout has none that matter. */
export async function readTar(path: string): Promise<ReadonlyMap<string, TarEntry>> {
  const file = await open(path, 'r');
  try {
    const { size: end } = await file.stat();
    const found = new Map<string, TarEntry>();
    const header = Buffer.alloc(tarBlockBytes);
    for (let at = 0, count = 0; at + tarBlockBytes <= end; count += 1) {
      await file.read(header, 0, tarBlockBytes, at);
      if (header.every((byte) => byte === 0)) break;
      const size = readOctal(header.subarray(124, 136));
      const sum = readOctal(header.subarray(148, 156));
      if (size === undefined || sum !== tarSum(header) || count >= maxEntries) throw noTar(path);
      const start = at + tarBlockBytes;
      if (start + size > end) throw cut(path);
      const kind = header[156];
      const name = textOf(header.subarray(0, 100)).replace(/^\.\//, '');
      if (kind === 0x30 || kind === 0) {
        if (found.has(name)) throw noTar(path);
        found.set(name, { start, size });
      }
      at = start + Math.ceil(size / tarBlockBytes) * tarBlockBytes;
    }
    if (found.size === 0) throw noTar(path);
    return found;
  } finally {
    await file.close();
  }
}

function readOctal(field: Buffer): number | undefined {
  const text = textOf(field).trim();
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? field.length : end);
}

function noTar(path: string): InputError {
  return new InputError(
    'layout-tar',
    `${path} is not a tar of an image layout.`,
    'Unpack it first where it is compressed (gunzip, unzstd).',
  );
}

function cut(path: string): InputError {
  return new InputError('layout-damaged', `${path} is cut short.`, 'Copy or export it again.');
}
