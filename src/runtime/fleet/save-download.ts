import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { defined, describeError, GoshawkError } from '../../base/index.ts';

/** Beside its place first: a connection that breaks leaves no half of a file under its name. */
export async function saveDownload(response: Response, file: string): Promise<void> {
  const partial = `${file}.partial`;
  if (response.body === null) throw cut('the answer is empty');
  try {
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    if (error instanceof Error && 'syscall' in error) throw explainFileError(error, 'write the file', file);
    throw cut(describeError(error), error);
  }
}

function cut(why: string, cause?: unknown): GoshawkError {
  return new GoshawkError(
    'download-cut',
    `The controller did not send all of it: ${why}.`,
    'The device may have lost its connection. Try again.',
    defined({ cause }),
  );
}
