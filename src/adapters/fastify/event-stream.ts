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
  /** By key: what a reader that is behind gets when it has caught up. */
  readonly #newest = new Map<string, () => void>();
  #open = true;

  constructor(reply: FastifyReply, clock: Clock) {
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
    this.#write(textOf(name, data, update));
  }

  /** As `send`, for what replaces what was sent with the same `key`: a reader that is behind gets the newest alone. */
  sendNewest<N extends StreamEventName>(key: string, name: N, data: StreamEvents[N], update?: object): void {
    this.#newest.set(key, () => this.send(name, data, update));
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

  #write(text: string): void {
    if (!this.#open) return;
    if (this.#response.writableLength > maxBufferedBytes) {
      this.#response.destroy();
      this.#ended();
      return;
    }
    this.#response.write(text);
  }

  #catchUp(): void {
    for (const [key, send] of this.#newest) {
      if (this.#response.writableLength > newestBufferedBytes) return;
      this.#newest.delete(key);
      send();
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
