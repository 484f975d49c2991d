import type { IncomingMessage } from 'node:http';
import { BusyError, InputError, LimitError } from '../../base/index.ts';

/** Bytes of bodies that are held, over all requests. */
export class BodyBudget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * The whole body; it counts until `release`. Rejects with a LimitError for one of more than `maxBytes`, with a BusyError where
   * bodies of others fill the budget.
   */
  async read(
    request: IncomingMessage,
    maxBytes: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly release: () => void }> {
    const { 'content-encoding': encoding = 'identity', 'content-length': told } = request.headers;
    if (encoding !== 'identity')
      throw new InputError(
        'request-invalid',
        `The body is compressed (${encoding.slice(0, 40)}).`,
        'Send it as it is: pictures are compressed already.',
      );
    if (Number(told) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Buffer[] = [];
    let size = 0;
    const release = () => {
      this.#held -= size;
      size = 0;
    };
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        this.#held += chunk.length;
        if (size > maxBytes) throw tooLarge(maxBytes);
        if (this.#held > this.#most) throw full();
        chunks.push(chunk);
      }
      return { bytes: Buffer.concat(chunks), release };
    } catch (error) {
      release();
      throw error;
    }
  }
}

function tooLarge(maxBytes: number): LimitError {
  return new LimitError(
    'body-too-large',
    `A request has at most ${maxBytes} bytes.`,
    'Send the picture as JPEG, or raise maxBytes of the settings.',
  );
}

function full(): BusyError {
  return new BusyError(
    'requests-full',
    'Requests that are being sent fill the memory for them.',
    'Ask again later, or send fewer at once.',
    1000,
  );
}
