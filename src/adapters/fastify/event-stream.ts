import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { StreamEventName, StreamEvents } from '../../api/index.ts';
import type { Cancel, Clock } from '../../base/index.ts';

const heartbeatMs = 15_000;
/** A reader that is this far behind is cut off; it connects again and gets the present state. */
const maxBufferedBytes = 1024 * 1024;
/** What is sent again with the next change waits above this. */
const newestBufferedBytes = maxBufferedBytes / 4;

/** What many readers get at once is written once. */
const texts = new WeakMap<object, string>();

function textOf(name: string, data: unknown, update: object = {}): string {
  const known = texts.get(update);
  if (known !== undefined) return known;
  const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  texts.set(update, text);
  return text;
}

/** Server-sent events to one client. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #onClosed: (() => void)[] = [];
  readonly #heartbeat: Cancel;
  readonly #clock: Clock;
  readonly #onSent: (seconds: number) => void;
  /** By key: what a reader that is behind gets when it has caught up, and since when it waits. */
  readonly #newest = new Map<string, { readonly sinceMs: number; readonly text: () => string }>();
  #open = true;

  /** `onSent`: what was sent is with the system, so many seconds after it was to be sent. */
  constructor(reply: FastifyReply, clock: Clock, onSent: (seconds: number) => void = () => undefined) {
    this.#clock = clock;
    this.#onSent = onSent;
    reply.hijack();
    this.#response = reply.raw;
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies that collect answers (nginx) must not collect this one.
      'x-accel-buffering': 'no',
    });
    this.#response.write(': goshawk\n\n');
    this.#heartbeat = clock.every(heartbeatMs, () => this.#write(': still here\n\n'));
    this.#response.on('close', () => this.#ended());
    this.#response.on('error', () => this.#ended());
    this.#response.on('drain', () => this.#catchUp());
  }

  /** `update`: the same object for all streams that get the same. */
  send<N extends StreamEventName>(name: N, data: StreamEvents[N], update?: object): void {
    this.#write(textOf(name, data, update), this.#clock.monotonicMs());
  }

  /** As `send`, for what replaces what was sent with the same `key`: a reader that is behind gets the newest alone. */
  sendNewest<N extends StreamEventName>(key: string, name: N, data: StreamEvents[N], update?: object): void {
    const sinceMs = this.#newest.get(key)?.sinceMs ?? this.#clock.monotonicMs();
    this.#newest.set(key, { sinceMs, text: () => textOf(name, data, update) });
    this.#catchUp();
  }

  /** What waits of `key` is not sent. */
  drop(key: string): void {
    this.#newest.delete(key);
  }

  /** False: the client has not taken what was sent before; pictures are left out then. */
  get ready(): boolean {
    return this.#open && !this.#response.writableNeedDrain;
  }

  onClosed(listener: () => void): void {
    if (this.#open) this.#onClosed.push(listener);
    else listener();
  }

  end(): void {
    if (this.#open) this.#response.end();
    this.#ended();
  }

  #write(text: string, sinceMs?: number): void {
    if (!this.#open) return;
    if (this.#response.writableLength > maxBufferedBytes) {
      this.#response.destroy();
      this.#ended();
      return;
    }
    if (sinceMs === undefined) this.#response.write(text);
    else
      this.#response.write(text, (error) => {
        if (!error) this.#onSent((this.#clock.monotonicMs() - sinceMs) / 1000);
      });
  }

  #catchUp(): void {
    for (const [key, { text, sinceMs }] of this.#newest) {
      if (this.#response.writableLength > newestBufferedBytes) return;
      this.#newest.delete(key);
      this.#write(text(), sinceMs);
    }
  }

  #ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#newest.clear();
    this.#heartbeat();
    for (const listener of this.#onClosed) listener();
  }
}
