import type { Message } from '../../protocol/index.ts';
import type { TrustGate } from './ports.ts';

export interface OrderOpenerPorts {
  readonly trust: TrustGate;
  /** With what is wanted as its payload. */
  readonly take: (message: Message) => void;
  readonly refuse: (message: Message, error: unknown) => void;
}

/** Takes orders out of their envelopes, one after the other, as they came: opening one may take a new root. */
export class OrderOpener {
  readonly #ports: OrderOpenerPorts;
  #opening: Promise<void> = Promise.resolve();

  constructor(ports: OrderOpenerPorts) {
    this.#ports = ports;
  }

  open(message: Message): void {
    const { trust, take, refuse } = this.#ports;
    try {
      const payload = trust.openOrder(message.payload);
      if (payload instanceof Uint8Array) take({ ...message, payload });
      else
        this.#opening = this.#opening.then(() =>
          payload.then(
            (opened) => take({ ...message, payload: opened }),
            (error: unknown) => refuse(message, error),
          ),
        );
      // An earlier one may take its time: nobody waits for this one until then.
      if (!(payload instanceof Uint8Array)) payload.catch(() => {});
    } catch (error) {
      refuse(message, error);
    }
  }
}
