import { LimitError } from '../../src/base/index.ts';
import { qosProfiles } from '../../src/ros2/index.ts';
import type { Reply } from './service-wire.ts';

/** Those of clients that went before they could be answered give way. */
const mostWaiting = qosProfiles.services.depth;
const mostWaitingBytes = 2 << 20;
/** The middleware did not take a reply, as its lock was held for a moment. */
const againAfterMs = 20;
const mostTries = 100;

export interface ReplyWriter {
  /** Whether a message reaches this reader. */
  reaches(reader: Uint8Array): boolean;
  /** False: it was not taken. */
  write(bytes: Uint8Array, related?: Uint8Array): boolean;
}

interface Waiting {
  readonly reply: Reply;
  triesLeft: number;
}

/**
 * Replies that can't go yet: a client's request may be here before its reader is, and a reply must not go nowhere.
 *
 * INVARIANTS
 * - The newest wait, 1000 and 2 MiB of them. One that is sent waits no more, and each is sent once.
 * - One that was refused once is sent in two seconds, or told; sooner where so many newer ones wait.
 */
export class WaitingReplies {
  readonly #writer: ReplyWriter;
  readonly #onFailed: (error: unknown) => void;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `onFailed`: a reply that the middleware can't send, or did not take in time. */
  constructor(writer: ReplyWriter, onFailed: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailed = onFailed;
  }

  send(reply: Reply): void {
    const one = { reply, triesLeft: mostTries };
    if (this.#isDone(one)) return;
    this.#waiting.push(one);
    this.#bytes += reply.bytes.length;
    while (this.#waiting.length > mostWaiting || this.#bytes > mostWaitingBytes) {
      const givenUp = this.#waiting.shift();
      if (givenUp === undefined) return;
      this.#bytes -= givenUp.reply.bytes.length;
      if (isRefused(givenUp)) this.#onFailed(notTaken());
    }
    this.#again();
  }

  /** A reader has come, or a moment has gone by. */
  retry(): void {
    this.#waiting = this.#waiting.filter((one) => !this.#isDone(one));
    this.#bytes = this.#waiting.reduce((sum, { reply }) => sum + reply.bytes.length, 0);
    this.#again();
  }

  #again(): void {
    if (this.#timer !== undefined || !this.#waiting.some(isRefused)) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.retry();
    }, againAfterMs);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Sent, or given up. */
  #isDone(one: Waiting): boolean {
    const { bytes, reader, related } = one.reply;
    try {
      const reaches = reader === undefined || this.#writer.reaches(reader);
      if (!reaches && !isRefused(one)) return false;
      // A client may have gone after a refusal: it does not come back, and is not looked for without an end.
      if (reaches && this.#writer.write(bytes, related)) return true;
    } catch (error) {
      this.#onFailed(error);
      return true;
    }
    one.triesLeft -= 1;
    if (one.triesLeft > 0) return false;
    this.#onFailed(notTaken());
    return true;
  }
}

const isRefused = ({ triesLeft }: Waiting) => triesLeft < mostTries;

const notTaken = () =>
  new LimitError(
    'ros-reply-not-taken',
    `The middleware did not accept the answer within ${(mostTries * againAfterMs) / 1000} s, or before ${mostWaiting} newer ones waited.`,
    'Check that the client still runs, and which large messages this program sends.',
  );
