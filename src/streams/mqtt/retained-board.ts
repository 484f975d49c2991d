import { describeError, encodeUtf8, type Log } from '../../base/index.ts';
import type { Message } from '../../protocol/index.ts';
import type { Retained } from './home-assistant.ts';

/** The newest of each topic that the broker keeps; all of it again on every connection, since a broker may have lost it. */
export class RetainedBoard {
  readonly #publish: (message: Message) => Promise<void>;
  readonly #log: Log;
  readonly #newest = new Map<string, string>();
  readonly #due = new Set<string>();
  #online = false;
  #busy: Promise<void> | undefined;

  constructor(publish: (message: Message) => Promise<void>, log: Log) {
    this.#publish = publish;
    this.#log = log;
  }

  set(messages: readonly Retained[]): void {
    for (const { topic, payload } of messages) {
      this.#newest.set(topic, payload);
      this.#due.add(topic);
    }
    this.#pump();
  }

  online(online: boolean): void {
    this.#online = online;
    if (!online) return;
    for (const topic of this.#newest.keys()) this.#due.add(topic);
    this.#pump();
  }

  /** Resolves when all of it was handed over, or the connection is gone. */
  async flushed(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  #pump(): void {
    if (!this.#online || this.#busy !== undefined || this.#due.size === 0) return;
    this.#busy = this.#send().finally(() => {
      this.#busy = undefined;
      this.#pump();
    });
  }

  async #send(): Promise<void> {
    for (const topic of this.#due) {
      if (!this.#online) return;
      this.#due.delete(topic);
      const payload = encodeUtf8(this.#newest.get(topic) ?? '');
      try {
        await this.#publish({ topic, payload, qos: 1, retain: true });
      } catch (error) {
        // With the next connection, or the next change, it goes again.
        this.#log.debug('A retained state was not sent', { topic, reason: describeError(error) });
      }
    }
  }
}
