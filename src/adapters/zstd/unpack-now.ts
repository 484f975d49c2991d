import { readFile } from 'node:fs/promises';
import { decompress } from 'fzstd';
import { InputError } from '../../base/index.ts';
import { frameWithPrefix } from '../../model/index.ts';
import { digestOf, writeFileAtomic } from '../../platform/index.ts';
import type { UnpackJob } from './unpack-job.ts';

/** On the thread that calls it. */
export async function unpackNow({ packed, base, target, expected }: UnpackJob): Promise<void> {
  const prefix = base === undefined ? new Uint8Array(0) : await readFile(base);
  const frame = frameWithPrefix(await readFile(packed), prefix, expected.size);
  // What a frame says of its size is not believed: it gets this much room and no more.
  const room = new Uint8Array(prefix.length + expected.size);
  try {
    decompress(frame, room);
  } catch (error) {
    throw new InputError('zstd-frame', `${packed} can't be unpacked.`, remedy, { cause: error });
  }
  const file = room.subarray(prefix.length);
  if (digestOf(file) !== expected.digest) {
    throw new InputError(
      'unpack-mismatch',
      `What ${packed} unpacks to is not the file that was promised.`,
      remedy,
    );
  }
  await writeFileAtomic(target, file);
}

const remedy = 'The file is fetched in another form; push the model again.';
