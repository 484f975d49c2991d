import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ApiRequest } from './client.ts';
import { asFailure, type Failure } from './failure.ts';

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
 * Sends a request when the view appears, when it changes and on `reload`; with `everyMs` again and again while
 * the page is visible. An answer to an older request is thrown away, never shown under the new one.
 */
export function useAnswer<T>(request: ApiRequest<T>, everyMs?: number): Answer<T> {
  const { key } = request;
  const [held, setHeld] = useState<Held<T>>({ key });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((current) => current + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      if (!document.hidden || everyMs === undefined) {
        try {
          const data = await request.send(stop.signal);
          if (!stop.signal.aborted) setHeld({ key, data });
        } catch (error) {
          if (stop.signal.aborted) return;
          // What was known stays visible under the failure.
          setHeld((last) => ({ ...(last.key === key ? last : { key }), failure: asFailure(error) }));
        }
      }
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(load, everyMs);
    };
    load();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs, round]);

  const current = held.key === key ? held : undefined;
  return {
    data: current?.data,
    failure: current?.failure,
    loading: current?.data === undefined && current?.failure === undefined,
    reload,
  };
}
