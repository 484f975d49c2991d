import { RefusedError } from '../../base/index.ts';
import type { Message } from '../../protocol/index.ts';
import type { TrustGate } from './ports.ts';

export interface OrderOpenerPorts {
  readonly trust: TrustGate;
  /** With what is wanted as its payload. */
  readonly take: (message: Message) => void;
  readonly refuse: (message: Message, error: unknown) => void;
}

/** Whoever floods the topic gets no more of this device's memory than these. */
const mostWaiting = 16;

/** Takes orders out of their envelopes, one after the other, as they came: opening one may take a new root. */
export class OrderOpener {
  readonly #ports: OrderOpenerPorts;
  readonly #waiting: Message[] = [];
  #isOpening = false;

  constructor(ports: OrderOpenerPorts) {
    this.#ports = ports;
  }

  open(message: Message): void {
    this.#waiting.push(message);
    // The newest order is the one that counts.
    if (this.#waiting.length > mostWaiting) this.#ports.refuse(this.#waiting.shift()!, tooMany());
    this.#next();
  }

  #next(): void {
    while (!this.#isOpening) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#open(message);
    }
  }

  #open(message: Message): void {
    const { trust, take, refuse } = this.#ports;
    try {
      const payload = trust.openOrder(message.payload);
      if (payload instanceof Uint8Array) {
        take({ ...message, payload });
        return;
      }
      this.#isOpening = true;
      payload
        .then((opened) => take({ ...message, payload: opened }))
        .catch((error: unknown) => refuse(message, error))
        .finally(() => {
          this.#isOpening = false;
          this.#next();
        });
    } catch (error) {
      refuse(message, error);
    }
  }
}

function tooMany(): RefusedError {
  return new RefusedError(
    'trust-order-flood',
    `More than ${mostWaiting} orders wait to be verified.`,
    'The oldest is not followed, a newer one counts. Look who publishes there.',
  );
}
