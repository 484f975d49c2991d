import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ApiRequest } from './client.ts';
import { asFailure, type Failure } from './failure.ts';
import { token } from './token.ts';

export interface Answer<T> {
  /** The newest answer; kept while it is fetched again. */
  readonly data: T | undefined;
  readonly failure: Failure | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Held<T> {
  readonly key: string;
  readonly data?: T;
  readonly failure?: Failure;
}

/**
 * The newest answers of this session, so that a page that was seen before is there while the controller is away. In memory
 * alone: a reload loses them. A page of a device with its charts has about 20.
 */
const remembered = new Map<string, unknown>();
const mostRemembered = 200;

function remember(key: string, data: unknown): void {
  remembered.delete(key);
  remembered.set(key, data);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break;
    remembered.delete(oldest);
  }
}

// Another person may sign in, who may see less.
token.watch(() => remembered.clear());

/**
 * Sends a request when the view appears, when it changes and on `reload`; with `everyMs` again and again while
 * the page is visible. An answer to an older request is thrown away, never shown under the new one.
 */
export function useAnswer<T>(request: ApiRequest<T>, everyMs?: number): Answer<T> {
  const { key } = request;
  const [held, setHeld] = useState<Held<T>>({ key });
  const known = remembered.get(key) as T | undefined;
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((current) => current + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      timer = undefined;
      if (!document.hidden || everyMs === undefined) {
        try {
          const data = await request.send(stop.signal);
          remember(key, data);
          if (!stop.signal.aborted) setHeld({ key, data });
        } catch (error) {
          if (stop.signal.aborted) return;
          // What was known stays visible under the failure.
          const failure = asFailure(error);
          setHeld((last) => ({ ...(last.key === key ? last : { key }), failure }));
        }
      }
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(load, everyMs);
    };
    // Requests that were skipped while the page was hidden are made at once.
    const onVisible = (): void => {
      if (document.hidden || timer === undefined) return;
      clearTimeout(timer);
      void load();
    };
    void load();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [key, everyMs, round]);

  const current = held.key === key ? held : undefined;
  // Only where no answer comes: one that is refused says that what was known is no longer so.
  const isAway = current?.failure?.status === 0;
  const data = current?.data ?? (isAway ? known : undefined);
  return {
    data,
    failure: current?.failure,
    loading: data === undefined && current?.failure === undefined,
    reload,
  };
}
