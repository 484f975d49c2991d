import { CancelledError, MissingError } from '../../base/index.ts';
import { failureOf } from './failures.ts';

/**
 * Work that has so long, and ends with the signal: CancelledError, or MissingError `registry-silent`. Not AbortSignal.any: on Node 20
 * the signal that it makes may be collected while `fetch` still relies on it, and then an abort reaches nobody.
 */
export async function within<T>(
  url: string,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let silent = false;
  const end = () => stop.abort();
  const whenSilent = () => {
    silent = true;
    end();
  };
  let timer = setTimeout(whenSilent, ms);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(whenSilent, ms);
  };
  signal?.addEventListener('abort', end);
  if (signal?.aborted === true) end();
  try {
    return await work(stop.signal, heard);
  } catch (error) {
    if (signal?.aborted === true) throw new CancelledError(`The request to ${url}`, { cause: error });
    if (silent)
      throw new MissingError(
        'registry-silent',
        `${url} sent no data for ${ms / 1000} s.`,
        'Goshawk tries again.',
        {
          cause: error,
        },
      );
    throw failureOf(url, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    stop.abort();
  }
}
