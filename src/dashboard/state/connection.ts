import { type Backoff, backoffMs } from '../../base/index.ts';
import { openStream } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { ServerSentEvent } from '../api/server-sent-events.ts';

export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly failure: Failure; readonly retryAtMs: number };

const backoff: Backoff = { firstMs: 1000, maxMs: 20_000 };

/**
 * Keeps a stream of events open: reconnects with growing delays when it breaks or falls silent, at once when the
 * browser comes back online or somebody asks. Returns what closes it and what tries at once.
 */
export function keepStream(options: {
  /** Of the stream, as `addressOf` gives it. */
  address: string;
  /** After so long without a byte the line is taken for dead, although it looks open. */
  silenceMs: number;
  onState: (state: ConnectionState) => void;
  onEvent: (event: ServerSentEvent) => void;
}): { close: () => void; retry: () => void } {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = new AbortController();
  let closed = false;

  const connect = async (): Promise<void> => {
    clearTimeout(timer);
    current = new AbortController();
    const { signal } = current;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => current.abort(new Error('silent')), options.silenceMs);
    };
    let failure: Failure = {
      status: 0,
      code: 'stream-ended',
      message: 'Lost the connection to the controller.',
      remedy: 'The page reconnects automatically.',
    };
    alive();
    try {
      await openStream(options.address, {
        signal,
        alive,
        onEvent: (event) => {
          if (attempt !== 0) attempt = 0;
          options.onState({ state: 'live' });
          options.onEvent(event);
        },
      });
    } catch (error) {
      if (!signal.aborted) failure = asFailure(error);
    }
    clearTimeout(silence);
    // Closed, or `retry` has begun another attempt meanwhile.
    if (closed || current.signal !== signal) return;
    const delayMs = backoffMs(backoff, attempt, Math.random);
    attempt += 1;
    options.onState({ state: 'lost', failure, retryAtMs: Date.now() + delayMs });
    timer = setTimeout(connect, delayMs);
  };

  const retry = (): void => {
    if (closed) return;
    attempt = 0;
    clearTimeout(timer);
    current.abort();
    connect();
  };
  const onOnline = (): void => retry();
  addEventListener('online', onOnline);
  options.onState({ state: 'connecting' });
  connect();
  return {
    retry,
    close: () => {
      closed = true;
      clearTimeout(timer);
      removeEventListener('online', onOnline);
      current.abort();
    },
  };
}
