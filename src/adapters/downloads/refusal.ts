import { retryAfterMs } from '../../agent/index.ts';
import {
  BusyError,
  describeError,
  GoshawkError,
  InputError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import type { Got } from './get.ts';

/**
 * What a server's refusal means. InputError and RefusedError stay so however often one asks; a server that is only out of
 * order (5xx, 408, 429) is a MissingError, which is tried again, after the time that it names.
 */
export function refusalOf(url: string, { status, header }: Pick<Got, 'status' | 'header'>): GoshawkError {
  if (status === 401 || status === 403) {
    return new RefusedError(
      'download-refused',
      `${url} wants another token or certificate (${status}).`,
      'Give the agent a token of role `device` (settings: artifacts.tokenFile), or let it enrol; was it revoked?',
    );
  }
  if (status >= 500 || status === 408 || status === 429) {
    const laterMs = retryAfterMs(header('retry-after'), Date.now());
    return new BusyError('download-failed', `${url} answered ${status}.`, 'It is tried again.', laterMs);
  }
  if (status >= 300 && status < 400) {
    return new RefusedError(
      'download-redirect',
      `${url} sends on to ${header('location') ?? 'nowhere'} (${status}), which is not followed here.`,
      'Give the address where the models are, with its scheme.',
    );
  }
  return new InputError(
    'download-missing',
    `${url} can't be fetched: the controller answered ${status}.`,
    'Push the bundle to the controller again, then order the model again.',
  );
}

function isWebPage({ header }: Pick<Got, 'header'>): boolean {
  return /^text\/html\b/i.test(header('content-type') ?? '');
}

/** A web page where a model should be: most often the log-in page of a network, which goes away. */
export function refuseWebPage(url: string, answer: Got): void {
  if (!isWebPage(answer)) return;
  throw new MissingError(
    'download-page',
    `${url} answered with a web page.`,
    'A proxy or the log-in page of a network stands between; let the device through to the registry. It is tried again.',
  );
}

/** For what a fetch or a disk threw: ours as it is, the network's with its cause, which `fetch` hides behind "fetch failed". */
export function failureOf(url: string, error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  return new MissingError(
    'download-failed',
    `${url} can't be fetched: ${describeError(cause)}.`,
    `Check that the controller runs, that its publicUrl is right, and that this device reaches ${new URL(url).host}.`,
    { cause: error },
  );
}
