import { retryAfterMs } from '../../agent/index.ts';
import {
  BusyError,
  describeError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import type { Got } from './http.ts';

/**
 * What a server's refusal means. InputError and RefusedError stay so however often one asks; a server that is only out of
 * order (5xx, 408, 429) is a BusyError, which is tried again, after the time that it names.
 */
export async function refusalOf(url: string, answer: Got): Promise<GoshawkError> {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    await answer.end();
    return redirectRefused(url, answer.header('location') ?? 'nowhere');
  }
  const words = await wordsOf(answer);
  if (status === 401 || status === 403)
    return notAllowed(url, `refuses what was shown to it (${status})${words}`);
  if (isBusy(status)) {
    const laterMs = retryAfterMs(answer.header('retry-after'), Date.now());
    return new BusyError(
      'registry-busy',
      `${url} answered ${status}${words}.`,
      'Goshawk tries again.',
      laterMs,
    );
  }
  if (status === 404)
    return new InputError(
      'registry-missing',
      `${url} is not there${words}.`,
      'Check name, tag and digest; push what is missing (goshawk model push).',
    );
  if (status === 409)
    return new RefusedError(
      'registry-conflict',
      `${url} answered ${status}${words}.`,
      'Push it as another version: goshawk model import --model-version.',
    );
  return new InputError(
    'registry-answer',
    `${url} answered ${status}${words}.`,
    'Check that this is the address of a registry.',
  );
}

export function isBusy(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export function notAllowed(url: string, why: string): RefusedError {
  return new RefusedError(
    'registry-refused',
    `${url} ${why}.`,
    'On a device: let it enrol, or give it a token of role `device` (artifacts.tokenFile); was it revoked? At the command line: set GOSHAWK_TOKEN for a controller; for another registry log in with docker, podman or oras, or give --user and GOSHAWK_REGISTRY_PASSWORD.',
  );
}

export function redirectRefused(url: string, to: string): RefusedError {
  return new RefusedError(
    'registry-redirect',
    `${url} leads to ${to}, and Goshawk does not follow redirects.`,
    'Name the registry that holds the artifact, with its scheme.',
  );
}

/** A web page where an artifact should be: most often the log-in page of a network, which goes away. */
export function refuseWebPage(url: string, answer: Got): void {
  if (!/^text\/html\b/i.test(answer.header('content-type') ?? '')) return;
  throw new MissingError(
    'registry-page',
    `${url} answered with a web page.`,
    'A proxy or the log-in page of a network intercepts the request. A device retries.',
  );
}

/** For what a fetch or a disk threw: ours as it is, the network's with its cause, which `fetch` hides behind "fetch failed". */
export function failureOf(url: string, error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  return new MissingError(
    'registry-unreachable',
    `${url} can't be reached: ${describeError(cause)}.`,
    `Check that ${new URL(url).host} runs and can be reached from here, and whether it speaks TLS (--plain-http where it does not).`,
    { cause: error },
  );
}

export function tooLong(url: string, size: number): LimitError {
  return new LimitError(
    'registry-too-long',
    `${url} sends more than ${size} bytes.`,
    'The registry holds something else there. Push the right one.',
  );
}

export function wrongBytes(url: string, found: string, wanted: string): InputError {
  return new InputError(
    'registry-digest',
    `The answer of ${url} has the digest ${found}; the request was for ${wanted}.`,
    'The registry or a proxy changed it, so it was discarded. Push the correct one.',
  );
}

export function broken(url: string, what: string): MissingError {
  return new MissingError('registry-broken', `${url} ${what}.`, 'Goshawk resumes there.');
}

/** The whole body, which may not have more than `most` bytes; what is longer is not read to its end. */
export async function readSmall({ body }: Got, most: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > most) throw tooLong(url, most);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** The words of a registry's own error; of a page of something else none. What it says beyond 16 kB is not read. */
async function wordsOf(answer: Got): Promise<string> {
  const most = 16_384;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= most) break;
    }
    const { errors } = JSON.parse(Buffer.concat(chunks).subarray(0, most).toString('utf8')) as {
      errors: { code: string; message?: string }[];
    };
    const [first] = errors;
    return first === undefined ? '' : ` (${first.code}: ${(first.message ?? '').slice(0, 200)})`;
  } catch {
    return '';
  } finally {
    await answer.end();
  }
}
