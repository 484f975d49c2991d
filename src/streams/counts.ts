/** Why a message did not leave. */
export const leftOutReasons = [
  /** More came than `rate` lets through. */
  'rate',
  /** The receiver was slower than the results: the oldest that waited gave way. */
  'slow',
  'offline',
  /** The day's bytes are used up. */
  'budget',
  /** The receiver said no. */
  'refused',
  'failed',
  /** Larger than a message may be. */
  'size',
  /** No program is connected. */
  'no-receiver',
  /** It waited when the stream was closed. */
  'closed',
] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

export interface StreamReading {
  /** Name of the stream. */
  readonly stream: string;
  /** Where it goes, without secrets. */
  readonly to: string;
  readonly produced: number;
  readonly sent: number;
  /** Reasons that there were. */
  readonly leftOut: Partial<Readonly<Record<LeftOutReason, number>>>;
  /** Neither yet. After the end: what lies on the disk for the next start. */
  readonly waiting: number;
}

/** INVARIANT: each message that was produced is counted as sent, or as left out, once. */
export class StreamCounts {
  #produced = 0;
  #sent = 0;
  readonly #leftOut = new Map<LeftOutReason, number>();

  produce(messages = 1): void {
    this.#produced += messages;
  }

  send(messages = 1): void {
    this.#sent += messages;
  }

  leaveOut(reason: LeftOutReason, messages = 1): void {
    if (messages > 0) this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + messages);
  }

  get reading(): Omit<StreamReading, 'stream' | 'to'> {
    const leftOut = [...this.#leftOut.values()].reduce((sum, messages) => sum + messages, 0);
    return {
      produced: this.#produced,
      sent: this.#sent,
      leftOut: Object.fromEntries(this.#leftOut),
      waiting: this.#produced - this.#sent - leftOut,
    };
  }
}
