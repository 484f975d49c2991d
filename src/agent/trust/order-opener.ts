import { RefusedError } from '../../base/index.ts';
import type { Message } from '../../protocol/index.ts';
import type { OpenedOrder, TrustGate } from './ports.ts';

export interface OrderOpenerPorts {
  readonly trust: Pick<TrustGate, 'openOrder' | 'authority'>;
  /** With what is wanted as its payload, and whose generations it counts in. */
  readonly take: (message: Message, authority: string | undefined) => void;
  readonly refuse: (message: Message, error: unknown) => void;
}

/**
 * Of all that is verified at a time. In bytes and not in numbers: small forgeries, which are verified in milliseconds, push out no order
 * of the controller.
 */
const mostBytes = 32 << 20;

interface Waiting {
  readonly message: Message;
  /** Once it is verified. */
  opened?: OpenedOrder;
}

/**
 * Takes orders out of their envelopes.
 *
 * INVARIANTS
 * - They are followed in the order in which they came, though one of them may wait for a new root.
 * - What is refused waits for nothing and holds up none.
 * - None is followed whose keys the root does not name any more when its turn comes.
 */
export class OrderOpener {
  readonly #ports: OrderOpenerPorts;
  readonly #line: Waiting[] = [];
  #bytes = 0;

  constructor(ports: OrderOpenerPorts) {
    this.#ports = ports;
  }

  open(message: Message): void {
    const { trust, refuse } = this.#ports;
    const waiting: Waiting = { message };
    if (this.#bytes + message.payload.byteLength > mostBytes) {
      refuse(message, flood());
      return;
    }
    this.#bytes += message.payload.byteLength;
    this.#line.push(waiting);
    try {
      const opening = trust.openOrder(message.payload);
      if (opening instanceof Promise)
        opening.then(
          (opened) => this.#opened(waiting, opened),
          (error: unknown) => this.#refused(waiting, error),
        );
      else this.#opened(waiting, opening);
    } catch (error) {
      this.#refused(waiting, error);
    }
  }

  #opened(waiting: Waiting, opened: OpenedOrder): void {
    waiting.opened = opened;
    this.#follow();
  }

  #refused(waiting: Waiting, error: unknown): void {
    this.#leave(waiting);
    this.#ports.refuse(waiting.message, error);
    this.#follow();
  }

  /** Those at the head of the line that are verified. */
  #follow(): void {
    const { trust, take } = this.#ports;
    for (let first = this.#line[0]; first?.opened !== undefined; first = this.#line[0]) {
      this.#leave(first);
      const { payload, authority } = first.opened;
      try {
        if (authority !== trust.authority) throw outdated();
        take({ ...first.message, payload }, authority);
      } catch (error) {
        this.#ports.refuse(first.message, error);
      }
    }
  }

  #leave(waiting: Waiting): void {
    this.#line.splice(this.#line.indexOf(waiting), 1);
    this.#bytes -= waiting.message.payload.byteLength;
  }
}

function outdated(): RefusedError {
  return new RefusedError(
    'trust-order',
    'An order is signed by a key that the root no longer names.',
    'It is ignored. Find out which program publishes there: the owners removed that key.',
  );
}

function flood(): RefusedError {
  return new RefusedError(
    'trust-order-flood',
    `Orders of more than ${mostBytes >> 20} MiB wait to be verified.`,
    'This one is ignored. Find out which program publishes there.',
  );
}
