import type { LogPage, LogQuery } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { saveDownload } from './save-download.ts';

const followEveryMs = 2_000;

/** Pages of a device's log, oldest line first; with `follow` on and on, until the signal fires. */
export async function* logPages(
  client: Pick<FleetClient, 'call'>,
  device: string,
  { limit, ...first }: Omit<LogQuery, 'limit'> & { readonly limit: number },
  follow: AbortSignal | undefined,
): AsyncGenerator<LogPage, void> {
  const { level } = first;
  let query: LogQuery = { ...first, limit: Math.min(limit, 200) };
  for (let shown = 0; follow?.aborted !== true; ) {
    const page = await client.call('GET /devices/:id/logs', { params: { id: device }, query });
    yield page;
    shown += page.lines.length;
    query = { ...defined({ level }), after: page.next, limit: 200 };
    if (page.more && (follow !== undefined || shown < limit)) continue;
    if (follow === undefined) return;
    await pause(follow);
  }
}

/** A `.tar.gz`, whole or not at all; the device makes it meanwhile. */
export async function fetchSupportBundle(
  client: Pick<FleetClient, 'raw'>,
  device: string,
  file: string,
): Promise<void> {
  await saveDownload(await client.raw('GET /devices/:id/bundle', { params: { id: device } }), file);
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, followEveryMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
