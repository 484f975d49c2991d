import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { InputError, MissingError, RefusedError } from '../../base/index.ts';
import {
  type BlockMap,
  labels,
  limitOfMap,
  parseBlockMap,
  pieces,
  readPartitionTable,
  tableBytes,
} from '../../image/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { findProgram } from './tools.ts';

export interface ImagePart {
  readonly startByte: number;
  readonly bytes: number;
  /** sha256 in hex, where a map says it. */
  readonly checksum?: string;
}

/** An image to be written, compressed or not. */
export interface OpenedImage {
  readonly bytes: number;
  /** In their order; the first one is the head of the disk. */
  readonly parts: readonly ImagePart[];
  /** Its bytes from the beginning to the end, holes too. */
  stream(): AsyncIterable<Uint8Array>;
}

const headBytes = 2 ** 20;

export async function openImage(path: string, signal: AbortSignal): Promise<OpenedImage> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, 'read the image', path);
  });
  const compressed = path.endsWith('.zst');
  const stream = () => (compressed ? decompressed(path, signal) : plain(path));
  const table = readPartitionTable(await firstBytes(stream(), tableBytes));
  if (table === undefined)
    throw new InputError(
      'image-no-table',
      `${path} is not an image of a disk.`,
      'Give what `goshawk image build` wrote to --out.',
    );
  if (!compressed && size !== table.bytes)
    throw new InputError(
      'image-half-written',
      `${path} has ${size} bytes, and by its own partition table it should have ${table.bytes}.`,
      'It was copied or built only in part; copy or build it again.',
    );
  if (table.labels.includes(labels.data))
    throw new RefusedError(
      'image-was-booted',
      `${path} has started a board already: it holds that board's identity, and every board with it would be the same one.`,
      'Take the image as it was built.',
    );
  const map = await readMap(path);
  if (map !== undefined && map.imageBytes !== table.bytes)
    throw new InputError(
      'image-map-of-another',
      `The map beside ${path} belongs to another image.`,
      'Take image and map from the same build, or remove the map.',
    );
  return { bytes: table.bytes, parts: map?.ranges ?? wholeImage(table.bytes), stream };
}

/** Without a map everything is written. */
function wholeImage(bytes: number): readonly ImagePart[] {
  return [
    { startByte: 0, bytes: headBytes },
    ...pieces([{ startByte: headBytes, bytes: bytes - headBytes }]),
  ];
}

async function readMap(path: string): Promise<BlockMap | undefined> {
  const file = `${path.replace(/\.zst$/, '')}.bmap`;
  if (!existsSync(file)) return undefined;
  const { size } = await stat(file);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const map = size > limitOfMap ? undefined : parseBlockMap(await readFile(file, 'utf8'), sha256);
  if (map !== undefined) return map;
  throw new InputError(
    'image-map-damaged',
    `${file} is damaged.`,
    'Copy it again, or remove it: then the whole image is written.',
  );
}

function plain(path: string): Readable {
  return createReadStream(path, { highWaterMark: 4 * 2 ** 20 });
}

async function* decompressed(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const program = findProgram('zstd');
  if (program === undefined)
    throw new MissingError(
      'image-tools-missing',
      'Missing on this machine: zstd.',
      'On Debian: sudo apt-get install zstd',
    );
  const child = spawn(program, ['-dc', path], { stdio: ['ignore', 'pipe', 'ignore'], signal });
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    if ((await ended) !== 0)
      throw new InputError(
        'image-half-written',
        `${path} can't be decompressed to its end.`,
        'It was copied only in part; copy it again.',
      );
  } finally {
    child.kill();
  }
}

async function firstBytes(stream: AsyncIterable<Uint8Array>, wanted: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= wanted) break;
  }
  return Buffer.concat(chunks);
}
