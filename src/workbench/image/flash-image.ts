import { createHash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { CancelledError, GoshawkError, InputError, RefusedError } from '../../base/index.ts';
import {
  leastDataBytes,
  type MappedRange,
  markIn,
  markOffset,
  markPlaces,
  markText,
} from '../../image/index.ts';
import type { Progress } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { type ImagePart, type OpenedImage, openImage } from './open-image.ts';
import { type Card, chunkBytes, openCard } from './target.ts';

export interface FlashOptions {
  readonly to: string;
}

export interface Flashed {
  readonly target: string;
  readonly writtenBytes: number;
  /** What belongs to no file system and was left out. */
  readonly skippedBytes: number;
  readonly marks: number;
  readonly writeSeconds: number;
  readonly verifySeconds: number;
}

/** Writes an image to a card and reads every byte of it back. `agreed` is asked when it is known what will be lost. */
export async function flashImage(
  file: string,
  options: FlashOptions,
  agreed: (what: string) => Promise<boolean>,
  ports: WorkPorts,
): Promise<Flashed> {
  const image = await openImage(resolve(file), ports.signal);
  const card = await openCard(options.to, { imageBytes: image.bytes, dataBytes: leastDataBytes });
  try {
    if (!(await agreed(`Everything on ${card.name}, ${(card.size / 1e9).toFixed(1)} GB, will be lost.`)))
      throw new CancelledError('The flash');
    return { target: options.to, ...(await writeAndVerify(image, card, ports)) };
  } finally {
    await card.close();
  }
}

/** The head of the disk comes last: a card on which this did not come to its end has no partitions, and starts nothing. */
export async function writeAndVerify(
  image: OpenedImage,
  card: Card,
  { startProgress, signal }: WorkPorts,
): Promise<Omit<Flashed, 'target'>> {
  const total = image.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const began = performance.now();
  await card.write(new Uint8Array(image.parts[0]?.bytes ?? 0), 0);
  const { head, ranges } = await withProgress(startProgress, 'writing', total, (progress) =>
    writeParts(image, card, progress, signal),
  );
  const nonce = randomBytes(8).toString('hex');
  const places = markPlaces(image.bytes, card.size, longestRun(ranges));
  for (const place of places) await card.write(Buffer.from(markText(nonce, place)), place);
  await card.flush();
  const written = performance.now();
  await withProgress(startProgress, 'verifying', total, async (progress) => {
    await verifyMarks(card, nonce, places);
    for (const range of ranges.slice(1)) await verifyRange(card, range, nonce, progress, signal);
    await card.write(head, 0);
    await card.flush();
    for (const range of ranges.slice(0, 1)) await verifyRange(card, range, nonce, progress, signal);
    // Of a card that is a little smaller than it says, the last mark lay where the head is now.
    await verifyMarks(card, nonce, places);
  });
  const end = performance.now();
  return {
    writtenBytes: total,
    skippedBytes: image.bytes - total,
    marks: places.length,
    writeSeconds: (written - began) / 1000,
    verifySeconds: (end - written) / 1000,
  };
}

async function withProgress<T>(
  start: WorkPorts['startProgress'],
  what: string,
  bytes: number,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = await start(`${what}, MB`, Math.ceil(bytes / 1e6));
  let pending = 0;
  try {
    return await work({
      // Bytes in, whole megabytes out.
      advance: (by) => {
        pending += by;
        const whole = Math.floor(pending / 1e6);
        if (whole > 0) progress.advance(whole);
        pending -= whole * 1e6;
      },
      stop() {},
    });
  } finally {
    progress.stop();
  }
}

interface Written {
  /** The first part, which is not on the card yet. */
  readonly head: Uint8Array;
  readonly ranges: readonly MappedRange[];
}

/** Goes along the image once, writes its parts, and holds them to the map while they pass. */
async function writeParts(
  image: OpenedImage,
  card: Card,
  progress: Progress,
  signal: AbortSignal,
): Promise<Written> {
  const head: Uint8Array[] = [];
  const ranges: MappedRange[] = [];
  let index = 0;
  let hash = createHash('sha256');
  let at = 0;
  for await (const chunk of image.stream()) {
    if (signal.aborted) throw new CancelledError('The flash');
    const end = at + chunk.length;
    for (
      let part = image.parts[index];
      part !== undefined && part.startByte < end;
      part = image.parts[index]
    ) {
      const from = Math.max(part.startByte, at);
      const to = Math.min(part.startByte + part.bytes, end);
      const bytes = chunk.subarray(from - at, to - at);
      hash.update(bytes);
      if (index === 0) head.push(Uint8Array.from(bytes));
      else await card.write(bytes, from);
      progress.advance(bytes.length);
      if (to < part.startByte + part.bytes) break;
      ranges.push(held(part, hash.digest('hex')));
      hash = createHash('sha256');
      index += 1;
    }
    at = end;
  }
  if (index === image.parts.length && at === image.bytes) return { head: Buffer.concat(head), ranges };
  throw new InputError(
    'image-half-written',
    `The image ends after ${at} bytes; it should have ${image.bytes}.`,
    'It was copied only in part; copy it again.',
  );
}

function held(part: ImagePart, checksum: string): MappedRange {
  if (part.checksum === undefined || part.checksum === checksum) return { ...part, checksum };
  throw new InputError(
    'image-damaged',
    `The image is not what was built: it differs from its map at ${gigabytes(part.startByte)}.`,
    'Copy image and map again. The card holds no usable image now.',
  );
}

/** Ranges that touch are one run. */
function longestRun(ranges: readonly MappedRange[]): number {
  let longest = 0;
  let run = 0;
  let end = -1;
  for (const { startByte, bytes } of ranges) {
    run = startByte === end ? run + bytes : bytes;
    end = startByte + bytes;
    longest = Math.max(longest, run);
  }
  return longest;
}

async function verifyMarks(card: Card, nonce: string, places: readonly number[]): Promise<void> {
  for (const place of places) {
    const text = Buffer.from(await card.read(4096, place)).toString('latin1');
    if (text === markText(nonce, place)) continue;
    const other = markIn(text, nonce);
    throw lies(
      card,
      other === undefined
        ? `the bytes written at ${gigabytes(place)} are not there`
        : `the bytes written at ${gigabytes(other)} came out at ${gigabytes(place)}`,
    );
  }
}

async function verifyRange(
  card: Card,
  range: MappedRange,
  nonce: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  let mark: { readonly written: number; readonly found: number } | undefined;
  for (let done = 0; done < range.bytes; done += chunkBytes) {
    if (signal.aborted) throw new CancelledError('The flash');
    const at = range.startByte + done;
    const bytes = await card.read(Math.min(chunkBytes, range.bytes - done), at);
    hash.update(bytes);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const written = mark === undefined ? markIn(text, nonce) : undefined;
    if (written !== undefined) mark = { written, found: at + markOffset(text, nonce) };
    progress.advance(bytes.length);
  }
  if (hash.digest('hex') === range.checksum) return;
  if (mark !== undefined)
    throw lies(card, `the bytes written at ${gigabytes(mark.written)} came out at ${gigabytes(mark.found)}`);
  throw new GoshawkError(
    'image-verify-failed',
    `The card gives back other bytes than were written, at ${gigabytes(range.startByte)}.`,
    'Try another reader or cable; if it happens again, the card is worn out. It holds no usable image now.',
  );
}

function lies(card: Card, what: string): RefusedError {
  return new RefusedError(
    'image-card-lies',
    `The card says that it has ${gigabytes(card.size)}, but ${what}: it has less.`,
    'Do not use it: it would lose data later. Take a card from a source that you trust.',
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(3)} GB`;
}
