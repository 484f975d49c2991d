import { createWriteStream } from 'node:fs';
import { rename, stat, truncate } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import type { ClipList, ClipRequest } from '../../api/index.ts';
import { describeError, GoshawkError } from '../../base/index.ts';
import type { CallResultOf } from '../../protocol/index.ts';
import type { FleetClient } from './client.ts';

/** Clips that a device tells of in one answer. */
const pageLength = 100;

export interface ClipQuery {
  readonly camera?: string | undefined;
  /** Only clips after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What a device keeps, oldest first, page by page; `more` of the last page: there are clips beyond the limit. */
export async function* clipPages(
  client: Pick<FleetClient, 'call'>,
  device: string,
  { camera, after: first, limit }: ClipQuery,
): AsyncGenerator<ClipList, void> {
  let after = first;
  for (let shown = 0; ; ) {
    const query = { camera, after, limit: Math.min(pageLength, limit - shown) };
    const page = await client.call('GET /devices/:id/clips', { params: { id: device }, query });
    yield page;
    shown += page.clips.length;
    after = page.clips.at(-1)?.id;
    if (!page.more || shown >= limit || after === undefined) return;
  }
}

export function recordClip(
  client: Pick<FleetClient, 'call'>,
  device: string,
  request: ClipRequest,
): Promise<CallResultOf<'record-clip'>> {
  return client.call('POST /devices/:id/clips', { params: { id: device }, body: request });
}

/** The MP4, whole or not at all; an earlier try that was cut short is gone on with. */
export async function fetchClip(
  client: Pick<FleetClient, 'raw'>,
  device: string,
  clip: string,
  file: string,
): Promise<{ readonly resumedFrom: number }> {
  const partial = `${file}.${clip}.partial`;
  const held = await stat(partial).then(
    ({ size }) => size,
    () => 0,
  );
  // Its last byte once more: so there is always something to send.
  const from = Math.max(0, held - 1);
  const range = from === 0 ? {} : { range: `bytes=${from}-` };
  const response = await client.raw('GET /devices/:id/clips/:clip', { params: { id: device, clip } }, range);
  if (response.body === null) throw cut('the answer is empty');
  const resumedFrom = response.status === 206 ? from : 0;
  try {
    if (held > 0) await truncate(partial, resumedFrom);
    const into = createWriteStream(partial, { flags: 'a', mode: 0o600 });
    await pipeline(Readable.fromWeb(response.body as never), into);
    await rename(partial, file);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'path' in error)
      throw explainFileError(error, 'write the file', file);
    throw cut(describeError(error), error);
  }
  return { resumedFrom };
}

function cut(why: string, cause?: unknown): GoshawkError {
  return new GoshawkError(
    'download-cut',
    `The controller did not send all of it: ${why}.`,
    'The device may have lost its connection. Run the command again: it continues where it stopped.',
    { cause },
  );
}
