import { describeError, type Log } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';

const maxUnderWay = 64;
const maxBytesUnderWay = 2 * 1024 * 1024;

interface Waiting {
  readonly encode: () => Uint8Array;
  readonly done: (() => void) | undefined;
}

/**
 * Publishes retained messages a few at once: a change for a group of thousands must not flood the broker. Of a topic only
 * the newest waits, and it is encoded when its turn comes, so that however much is ordered little is held.
 */
export class RetainedPublisher {
  readonly #transport: Transport;
  readonly #log: Log;
  readonly #waiting = new Map<string, Waiting>();
  #underWay = 0;
  #bytesUnderWay = 0;

  constructor(transport: Transport, log: Log) {
    this.#transport = transport;
    this.#log = log;
  }

  /**
   * `encode` is called later. `done` is called when the broker has it; what fails is left to the check after the next
   * connect, and one that a newer one replaced is not told.
   */
  publish(topic: string, encode: () => Uint8Array, done?: () => void): void {
    this.#waiting.set(topic, { encode, done });
    this.#pump();
  }

  /** The broker keeps nothing of this topic any more. */
  clear(topic: string): void {
    this.publish(topic, () => new Uint8Array(0));
  }

  #pump(): void {
    while (this.#underWay < maxUnderWay && this.#bytesUnderWay < maxBytesUnderWay) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [topic, { encode, done }] = next;
      this.#waiting.delete(topic);
      const payload = this.#encoded(topic, encode);
      if (payload === undefined) continue;
      this.#underWay += 1;
      this.#bytesUnderWay += payload.byteLength;
      void this.#send(topic, payload, done).then(() => {
        this.#underWay -= 1;
        this.#bytesUnderWay -= payload.byteLength;
        this.#pump();
      });
    }
  }

  #encoded(topic: string, encode: () => Uint8Array): Uint8Array | undefined {
    try {
      return encode();
    } catch (error) {
      this.#log.warn('A message could not be made and is not published', {
        topic,
        cause: describeError(error),
      });
      return undefined;
    }
  }

  async #send(topic: string, payload: Uint8Array, done: (() => void) | undefined): Promise<void> {
    try {
      const contentType = 'application/json';
      await this.#transport.publish({ topic, payload, qos: 1, retain: true, contentType });
      done?.();
    } catch (error) {
      this.#log.debug('Not published', { topic, cause: describeError(error) });
    }
  }
}
