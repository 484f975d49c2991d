import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import type { FrameExportQuery, FrameList } from '../../api/index.ts';
import { defined, describeError, GoshawkError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

/** Frames that a device tells of in one answer. */
const pageLength = 20;

export interface FrameQuery {
  readonly camera?: string | undefined;
  /** Only frames after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What a device keeps, oldest first, page by page; `more` of the last page: there are frames beyond the limit. */
export async function* framePages(
  client: Pick<FleetClient, 'call'>,
  device: string,
  { camera, after: first, limit }: FrameQuery,
): AsyncGenerator<FrameList, void> {
  let after = first;
  for (let shown = 0; ; ) {
    const query = { camera, after, limit: Math.min(pageLength, limit - shown) };
    const page = await client.call('GET /devices/:id/frames', { params: { id: device }, query });
    yield page;
    shown += page.frames.length;
    after = page.frames.at(-1)?.id;
    if (!page.more || shown >= limit || after === undefined) return;
  }
}

/** The JPEG of one frame, whole or not at all. */
export async function fetchFrame(
  client: Pick<FleetClient, 'raw'>,
  device: string,
  frame: string,
  file: string,
): Promise<void> {
  await save(await client.raw('GET /devices/:id/frames/:frame', { params: { id: device, frame } }), file);
}

export interface ExportQuery {
  readonly camera?: string | undefined;
  readonly reason?: FrameExportQuery['reason'] | undefined;
  readonly max?: number | undefined;
  readonly form?: FrameExportQuery['form'] | undefined;
}

/** A data set as a tar file, whole or not at all. */
export async function exportFrames(
  client: Pick<FleetClient, 'raw'>,
  device: string,
  { camera, reason, max, form }: ExportQuery,
  file: string,
): Promise<void> {
  const query = { camera, reason, max, form };
  await save(await client.raw('GET /devices/:id/frames.tar', { params: { id: device }, query }), file);
}

/** Beside its place first: a connection that breaks leaves no half of a file under its name. */
async function save(response: Response, file: string): Promise<void> {
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
