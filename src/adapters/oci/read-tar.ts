import { open } from 'node:fs/promises';
import { InputError } from '../../base/index.ts';

/*
 * Just enough of POSIX ustar for an image layout: plain files with short names, of up to 8 GiB.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar Interchange Format)
 */
const blockBytes = 512;
/** Blobs, folders and two small files: a bundle has 1,000 files at most. */
const maxEntries = 20_000;
const largest = 0o77777777777;

export interface TarEntry {
  /** First byte. */
  readonly start: number;
  readonly size: number;
}

export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  if (Buffer.byteLength(name) > 100 || size > largest)
    throw new InputError(
      'layout-size',
      `${name} with ${size} bytes does not fit into a tar.`,
      'Use a registry.',
    );
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100, 'ascii');
  header.write('0000000\0', 108, 'ascii');
  header.write('0000000\0', 116, 'ascii');
  header.write(octal(size, 11), 124, 'ascii');
  header.write(octal(0, 11), 136, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  header.write(`${octal(sumOf(header), 6)} `, 148, 'ascii');
  return header;
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** Two empty blocks end it. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

/** Where the plain files of a tar lie. Links, folders and long names are passed over; a layout has none that matter. */
export async function readTar(path: string): Promise<ReadonlyMap<string, TarEntry>> {
  const file = await open(path, 'r');
  try {
    const { size: end } = await file.stat();
    const found = new Map<string, TarEntry>();
    const header = Buffer.alloc(blockBytes);
    for (let at = 0, count = 0; at + blockBytes <= end; count += 1) {
      await file.read(header, 0, blockBytes, at);
      if (header.every((byte) => byte === 0)) break;
      const size = readOctal(header.subarray(124, 136));
      const sum = readOctal(header.subarray(148, 156));
      if (size === undefined || sum !== sumOf(header) || count >= maxEntries) throw noTar(path);
      const start = at + blockBytes;
      if (start + size > end) throw cut(path);
      const kind = header[156];
      const name = textOf(header.subarray(0, 100)).replace(/^\.\//, '');
      if (kind === 0x30 || kind === 0) {
        if (found.has(name)) throw noTar(path);
        found.set(name, { start, size });
      }
      at = start + Math.ceil(size / blockBytes) * blockBytes;
    }
    if (found.size === 0) throw noTar(path);
    return found;
  } finally {
    await file.close();
  }
}

/** The sum is made with its own field full of spaces. */
function sumOf(header: Buffer): number {
  return header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
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
    `${path} is no tar of an image layout.`,
    'Unpack it first where it is compressed (gunzip, unzstd).',
  );
}

function cut(path: string): InputError {
  return new InputError('layout-damaged', `${path} is cut short.`, 'Copy or export it again.');
}
