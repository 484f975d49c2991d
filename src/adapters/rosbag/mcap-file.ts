import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import { decompress } from 'fzstd';
import { describeError, InputError } from '../../base/index.ts';
import { type BagFile, damagedBag, mostBytes } from './bag.ts';

/** An MCAP file with an index, as rosbag2 writes it; its chunks plain or packed by zstd. */
export async function openMcap(path: string): Promise<BagFile> {
  const name = basename(path);
  const file = await open(path, 'r');
  const readable = {
    size: async () => BigInt((await file.stat()).size),
    read: (offset: bigint, size: bigint) => readAt(file, offset, size),
  };
  try {
    const decompressHandlers = {
      zstd: (packed: Uint8Array, size: bigint) => decompress(packed, new Uint8Array(lengthOf(size))),
      lz4: () => {
        throw new InputError(
          'bag-compression',
          `The bag ${name} is compressed with lz4, which Goshawk can't read.`,
          'Compress it again: mcap compress FILE --compression zstd.',
        );
      },
    };
    const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
    const topics = [...reader.channelsById.values()].map(({ topic, schemaId }) => ({
      name: topic,
      type: reader.schemasById.get(schemaId)?.name ?? '',
    }));
    return {
      topics,
      async *messages(topic) {
        try {
          for await (const { data, logTime } of reader.readMessages({ topics: [topic] }))
            yield { bytes: data, loggedNs: logTime };
        } catch (error) {
          throw error instanceof InputError ? error : damagedBag(name, describeError(error), error);
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error instanceof InputError ? error : damagedBag(name, describeError(error), error);
  }
}

async function readAt(file: FileHandle, offset: bigint, size: bigint): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthOf(size));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, Number(offset) + at);
    if (bytesRead === 0) throw new RangeError('it is cut off');
    at += bytesRead;
  }
  return bytes;
}

function lengthOf(size: bigint): number {
  if (size < 0n || size > BigInt(mostBytes))
    throw new RangeError(`it says that a part of it has ${size} bytes`);
  return Number(size);
}
