import { readFile } from 'node:fs/promises';
import { InputError } from '../../base/index.ts';
import { frameWithPrefix } from '../../model/index.ts';
import { digestOf, writeFileAtomic } from '../../platform/index.ts';
import { decompress } from './decompress.ts';
import type { UnpackJob } from './unpack-job.ts';

/** On the thread that calls it. */
export async function unpackNow({ packed, base, target, expected }: UnpackJob): Promise<void> {
  const prefix = base === undefined ? new Uint8Array(0) : await readFile(base);
  const frame = frameWithPrefix(await readFile(packed), prefix, expected.size);
  let unpacked: Uint8Array;
  try {
    unpacked = decompress(frame, prefix.length + expected.size);
  } catch (error) {
    throw new InputError('zstd-frame', `${packed} can't be unpacked.`, remedy, { cause: error });
  }
  const file = unpacked.subarray(prefix.length);
  if (digestOf(file) !== expected.digest) {
    throw new InputError('unpack-mismatch', `${packed} does not unpack to the promised file.`, remedy);
  }
  await writeFileAtomic(target, file);
}

const remedy = 'The file is fetched in another form; push the model again.';
