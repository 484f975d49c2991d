import { failureOf, noAnswer, RequestError } from './failure.ts';

const partBytes = 4 * 1024 * 1024;
const partTimeoutMs = 120_000;
const tries = 5;
const pauseMs = 1000;

export interface BlobUpload {
  readonly repository: string;
  readonly digest: string;
  readonly file: Blob;
  /** A token for this repository; asked again for each request, as one lasts only minutes. */
  readonly token: () => Promise<string>;
  readonly signal: AbortSignal;
  /** Bytes that the registry has. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Uploads a blob to the controller's registry in parts (OCI distribution specification 1.1). A part that got no answer is sent
 * again from where the registry is. Rejects with a RequestError.
 */
export async function uploadBlob(upload: BlobUpload): Promise<void> {
  const { repository, digest, file } = upload;
  const begun = await ask(upload, 'POST', `v2/${repository}/blobs/uploads/`);
  const place = relative(begun.headers.get('location'));
  let at = 0;
  let furthest = 0;
  for (let failed = 0; at < file.size; ) {
    const part = file.slice(at, at + partBytes);
    const range = `${at}-${at + part.size - 1}`;
    try {
      await ask(upload, 'PATCH', place, { body: part, headers: { 'content-range': range } });
      at += part.size;
      if (at > furthest) failed = 0;
      furthest = Math.max(furthest, at);
    } catch (error) {
      failed += 1;
      if (!mayRetry(error) || failed >= tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * failed));
      at = await sizeAt(upload, place, at);
    }
    upload.onBytes(at);
  }
  await ask(upload, 'PUT', `${place}?digest=${encodeURIComponent(digest)}`);
}

async function sizeAt(upload: BlobUpload, place: string, otherwise: number): Promise<number> {
  try {
    const { headers } = await ask(upload, 'GET', place);
    const last = Number(/^0-(\d+)$/.exec(headers.get('range') ?? '')?.[1] ?? 0);
    // Registries say 0-0 where they have nothing.
    return last === 0 ? 0 : last + 1;
  } catch (error) {
    if (mayRetry(error)) return otherwise;
    throw error;
  }
}

/** No answer, another request that still sends the part, or more than the controller can do at the moment. */
function mayRetry(error: unknown): boolean {
  return error instanceof RequestError && [0, 409, 416, 429, 503].includes(error.failure.status);
}

async function ask(
  { token, signal }: BlobUpload,
  method: string,
  address: string,
  given: { readonly body?: Blob; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${await token()}`,
    'content-type': 'application/octet-stream',
    ...given.headers,
  };
  let response: Response;
  try {
    response = await fetch(address, {
      ...{ method, headers, body: given.body ?? null, cache: 'no-store', credentials: 'omit' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(partTimeoutMs)]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new RequestError(noAnswer);
  }
  if (!response.ok)
    throw new RequestError(failureOf(response.status, await response.json().catch(() => undefined)));
  return response;
}

/** Relative to the page, so that a proxy may put both below a path. */
function relative(location: string | null): string {
  const path = /\/(v2\/.+)$/.exec(location ?? '')?.[1];
  if (path === undefined) throw new RequestError(failureOf(502, undefined));
  return path;
}
