import { describeError, type Log } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';

const maxUnderWay = 64;

/** Publishes retained messages a few at once: a change for a group of thousands must not flood the broker. */
export class RetainedPublisher {
  readonly #transport: Transport;
  readonly #log: Log;
  readonly #waiting: (() => Promise<void>)[] = [];
  #underWay = 0;

  constructor(transport: Transport, log: Log) {
    this.#transport = transport;
    this.#log = log;
  }

  /** `done` is called when the broker has it; what fails is left to the check after the next connect. */
  publish(topic: string, payload: Uint8Array, done?: () => void): void {
    this.#waiting.push(async () => {
      try {
        const contentType = 'application/json';
        await this.#transport.publish({ topic, payload, qos: 1, retain: true, contentType });
        done?.();
      } catch (error) {
        this.#log.debug('Not published', { topic, cause: describeError(error) });
      }
    });
    this.#pump();
  }

  #pump(): void {
    while (this.#underWay < maxUnderWay) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      void next().then(() => {
        this.#underWay -= 1;
        this.#pump();
      });
    }
  }
}
