import type { Cancel, Clock } from '../../base/index.ts';
import type { Message } from '../../protocol/index.ts';
import { FairQueue } from './fair-queue.ts';

export interface InboxLimits {
  /** So long messages are worked on in one turn of the event loop; then connections, answers and timers have theirs. */
  readonly turnMs: number;
  /** Where so many bytes wait the broker has to keep the rest. */
  readonly fullBytes: number;
}

const defaultLimits: InboxLimits = { turnMs: 5, fullBytes: 64 * 1024 * 1024 };
/** What a device gives in one round, where several wait. */
const bytesPerRound = 16 * 1024;

/**
 * Messages on their way to the work that they cause, which may be milliseconds for each. One that comes while there is
 * time is worked on at once; the others wait, and their devices take turns, so that one that floods delays itself.
 *
 * INVARIANT. The messages of a device are worked on in the order in which they came.
 */
export class Inbox {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'after'>;
  readonly #handle: (message: Message) => void;
  readonly #limits: InboxLimits;
  readonly #waiting = new FairQueue<Message>(Number.POSITIVE_INFINITY, bytesPerRound);
  /** Of the device whose turn it is. */
  #next: Message[] = [];
  #spentMs = 0;
  /** The end of this turn. */
  #turn: Cancel | undefined;
  #taken = 0;
  #handled = 0;
  #flushes: { readonly upTo: number; readonly done: () => void }[] = [];
  #room: { readonly wait: Promise<void>; readonly tell: () => void } | undefined;

  /** `handle` must not throw. */
  constructor(
    clock: Pick<Clock, 'monotonicMs' | 'after'>,
    handle: (message: Message) => void,
    limits: InboxLimits = defaultLimits,
  ) {
    this.#clock = clock;
    this.#handle = handle;
    this.#limits = limits;
  }

  /** Resolves when the next one may be given; undefined: at once. */
  take(device: string, message: Message): Promise<void> | undefined {
    this.#taken += 1;
    if (this.#turn === undefined) {
      this.#work(message);
      return undefined;
    }
    this.#waiting.push(device, message, Math.max(1, message.payload.byteLength));
    if (this.#waiting.size < this.#limits.fullBytes) return undefined;
    this.#room ??= untilTold();
    return this.#room.wait;
  }

  /** Resolves when as many were worked on as have come by now. */
  flush(): Promise<void> {
    if (this.#handled >= this.#taken) return Promise.resolve();
    return new Promise((done) => {
      this.#flushes.push({ upTo: this.#taken, done });
    });
  }

  forgetDevice(device: string): void {
    this.#handled += this.#waiting.forget(device);
  }

  /** What waits is dropped: it was not acknowledged, so its device still has it. */
  close(): void {
    this.#turn?.();
    this.#turn = undefined;
    this.#next = [];
    for (const device of this.#waiting.owners()) this.#waiting.forget(device);
    this.#handled = this.#taken;
    this.#tell();
  }

  #work(message: Message): void {
    const startedMs = this.#clock.monotonicMs();
    this.#handle(message);
    this.#handled += 1;
    this.#spentMs += this.#clock.monotonicMs() - startedMs;
    if (this.#spentMs < this.#limits.turnMs || this.#turn !== undefined) return;
    this.#turn = this.#clock.after(0, () => {
      this.#turn = undefined;
      this.#spentMs = 0;
      this.#workOnWaiting();
    });
  }

  #workOnWaiting(): void {
    while (this.#turn === undefined) {
      if (this.#next.length === 0) this.#next = this.#waiting.take(1).values;
      const message = this.#next.shift();
      if (message === undefined) break;
      this.#work(message);
    }
    this.#tell();
  }

  #tell(): void {
    const due = this.#flushes.filter(({ upTo }) => this.#handled >= upTo);
    this.#flushes = this.#flushes.filter(({ upTo }) => this.#handled < upTo);
    for (const { done } of due) done();
    if (this.#room === undefined || this.#waiting.size > this.#limits.fullBytes / 2) return;
    this.#room.tell();
    this.#room = undefined;
  }
}

function untilTold(): { readonly wait: Promise<void>; readonly tell: () => void } {
  let tell = () => {};
  const wait = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { wait, tell };
}
