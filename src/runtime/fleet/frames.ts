import type { FrameExportQuery, FrameList } from '../../api/index.ts';
import type { FleetClient } from './client.ts';
import { saveDownload } from './save-download.ts';

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
  await saveDownload(
    await client.raw('GET /devices/:id/frames/:frame', { params: { id: device, frame } }),
    file,
  );
}

export interface ExportQuery {
  readonly camera?: string | undefined;
  readonly reason?: FrameExportQuery['reason'] | undefined;
  readonly review?: FrameExportQuery['review'] | undefined;
  readonly max?: number | undefined;
  readonly form?: FrameExportQuery['form'] | undefined;
}

/** A data set as a tar file, whole or not at all. */
export async function exportFrames(
  client: Pick<FleetClient, 'raw'>,
  device: string,
  { camera, reason, review, max, form }: ExportQuery,
  file: string,
): Promise<void> {
  const query = { camera, reason, review, max, form };
  await saveDownload(
    await client.raw('GET /devices/:id/frames.tar', { params: { id: device }, query }),
    file,
  );
}
