import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { McapWriter } from '@mcap/core';
import { CancelledError, type GoshawkError } from '../../base/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { type FoxgloveMessage, foxgloveChannels, type Recorder } from '../../streams/index.ts';

export type McapPlace =
  /** One file, which grows as long as it is written. */
  | { readonly path: string }
  /** Files named by when they began; the oldest go. */
  | { readonly folder: string; readonly maxFileBytes: number; readonly maxFiles: number };

/** A second of a few cameras: what a kill loses. */
const chunkBytes = 256 * 1024;
/** After a disk refused. */
const againMs = 10_000;

interface OpenFile {
  readonly handle: FileHandle;
  readonly writer: McapWriter;
  readonly channels: Map<string, number>;
  readonly written: { bytes: bigint };
  sequence: number;
}

/**
 * Results, boxes and pictures as an MCAP file: JSON with its schema, so that any reader of MCAP understands it. One call at a
 * time. A file that was not closed, as after a power cut, lacks the last chunk and its index: `mcap recover` mends it.
 */
export class McapRecorder implements Recorder {
  readonly #place: McapPlace;
  readonly #wallMs: () => number;
  #file: OpenFile | undefined;
  #broken: { readonly error: GoshawkError; readonly atMs: number } | undefined;

  constructor(place: McapPlace, wallMs: () => number) {
    this.#place = place;
    this.#wallMs = wallMs;
  }

  async open(): Promise<void> {
    if ('folder' in this.#place) await mkdir(this.#place.folder, { recursive: true, mode: 0o700 });
    else this.#file = await this.#begin(this.#place.path);
  }

  async write(messages: readonly FoxgloveMessage[]): Promise<void> {
    try {
      const file = await this.#current();
      for (const message of messages) await addMessage(file, message, this.#wallMs());
    } catch (error) {
      const failure = explainFileError(error, 'write the recording', this.#where);
      this.#broken ??= { error: failure, atMs: this.#wallMs() };
      await this.#file?.handle.close().catch(() => {});
      this.#file = undefined;
      throw failure;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await endFile(file);
  }

  get #where(): string {
    return 'folder' in this.#place ? this.#place.folder : this.#place.path;
  }

  async #current(): Promise<OpenFile> {
    const place = this.#place;
    if (this.#broken !== undefined) {
      // A file that broke is not written on; in a folder the next one begins.
      if (!('folder' in place) || Math.abs(this.#wallMs() - this.#broken.atMs) < againMs)
        throw this.#broken.error;
      this.#broken = undefined;
    }
    if (this.#file !== undefined && 'folder' in place && this.#file.written.bytes >= place.maxFileBytes) {
      await endFile(this.#file);
      this.#file = undefined;
    }
    if (this.#file === undefined && 'folder' in place) {
      await removeOldest(place.folder, place.maxFiles - 1);
      this.#file = await this.#begin(join(place.folder, fileName(this.#wallMs())));
    }
    if (this.#file === undefined) throw new CancelledError('The recording');
    return this.#file;
  }

  async #begin(path: string): Promise<OpenFile> {
    try {
      const handle = await open(path, 'w', 0o600);
      const written = { bytes: 0n };
      const writer = new McapWriter({
        writable: {
          write: async (bytes) => {
            await handle.write(bytes);
            written.bytes += BigInt(bytes.byteLength);
          },
          position: () => written.bytes,
        },
        chunkSize: chunkBytes,
      });
      await writer.start({ profile: '', library: 'goshawk' });
      return { handle, writer, written, channels: new Map(), sequence: 0 };
    } catch (error) {
      throw explainFileError(error, 'write the recording', path);
    }
  }
}

async function addMessage(file: OpenFile, message: FoxgloveMessage, wallMs: number): Promise<void> {
  const { camera, channel, stampNs, text } = message;
  const key = `${camera} ${channel}`;
  const channelId = file.channels.get(key) ?? (await addChannel(file, camera, channel));
  file.channels.set(key, channelId);
  await file.writer.addMessage({
    channelId,
    sequence: file.sequence++,
    publishTime: stampNs < 0n ? 0n : stampNs,
    // By the stamp too, so that a viewer shows boxes and picture of one frame together.
    logTime: stampNs > 0n ? stampNs : BigInt(Math.round(wallMs)) * 1_000_000n,
    data: Buffer.from(text),
  });
}

async function addChannel(
  { writer }: OpenFile,
  camera: string,
  channel: FoxgloveMessage['channel'],
): Promise<number> {
  const { schemaName, schema } = foxgloveChannels[channel];
  const schemaId = await writer.registerSchema({
    name: schemaName,
    encoding: 'jsonschema',
    data: Buffer.from(JSON.stringify(schema)),
  });
  return writer.registerChannel({
    schemaId,
    topic: `/${camera}/${channel}`,
    messageEncoding: 'json',
    metadata: new Map(),
  });
}

async function endFile(file: OpenFile | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await file.writer.end();
    await file.handle.sync();
  } finally {
    await file.handle.close();
  }
}

async function removeOldest(folder: string, keep: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mcap')).sort();
  for (const name of names.slice(0, Math.max(0, names.length - keep))) await rm(join(folder, name));
}

function fileName(wallMs: number): string {
  return `${new Date(wallMs).toISOString().replaceAll(':', '-')}.mcap`;
}
