import { asGoshawkError, defined, type GoshawkError, LimitError, type Log } from '../base/index.ts';
import {
  type CallMethod,
  type CallResponse,
  type Decoded,
  encodePayload,
  type Message,
  messageOf,
  topics,
} from '../protocol/index.ts';
import type { AnsweredCalls } from './answered-calls.ts';
import type { DeviceCalls } from './device-calls.ts';

type Call = Extract<Decoded, { kind: 'call' }>;

function movesMachine({ method }: Call): boolean {
  return method === 'robot';
}

/** More calls than an operator makes in the seconds for which a broker keeps one. */
const mostRemembered = 64;

export interface RpcServerPorts {
  readonly device: string;
  readonly calls: DeviceCalls;
  readonly publish: (message: Message) => Promise<void>;
  readonly answered: Pick<AnsweredCalls, 'note'>;
  /** The answer is on its way, or can't be sent. */
  readonly onAnswered?: (method: CallMethod) => void;
  readonly log: Log;
}

/** Does what a call asks and answers it; a call without a place for the answer is done without one. */
export class RpcServer {
  readonly #device: string;
  readonly #calls: DeviceCalls;
  readonly #publish: (message: Message) => Promise<void>;
  readonly #answered: Pick<AnsweredCalls, 'note'>;
  readonly #onAnswered: (method: CallMethod) => void;
  readonly #log: Log;
  readonly #done = new Map<string, Promise<unknown>>();

  constructor({ device, calls, publish, answered, onAnswered = () => {}, log }: RpcServerPorts) {
    this.#device = device;
    this.#calls = calls;
    this.#publish = publish;
    this.#answered = answered;
    this.#onAnswered = onAnswered;
    this.#log = log;
  }

  /** `id`: of a call that is signed. */
  async take(call: Call, message: Message, id?: string): Promise<void> {
    try {
      if (id !== undefined) this.#answered.note(call.method, id);
      const result = await (movesMachine(call) ? this.#once(call, message) : this.#do(call));
      if (call.method !== 'ack') await this.#answer(message, { ok: true, result });
      this.#onAnswered(call.method);
    } catch (error) {
      await this.refuse(message, asGoshawkError(error, 'call-failed', 'See the log of the device.'));
    }
  }

  /** Also for a call that could not be read. */
  async refuse(message: Message, { code, message: text, remedy }: GoshawkError): Promise<void> {
    await this.#answer(message, {
      ok: false,
      code,
      message: text.slice(0, 2000),
      remedy: remedy.slice(0, 2000),
    });
  }

  /** What moves a machine is done once, also where a broker delivers the call again (QoS 1): the same answer for the same call. */
  #once(call: Call, { correlationData }: Message): Promise<unknown> {
    if (correlationData === undefined) return this.#do(call);
    const name = String(correlationData);
    const before = this.#done.get(name);
    if (before !== undefined) return before;
    const result = this.#do(call);
    this.#done.set(name, result);
    const [oldest] = this.#done.keys();
    if (this.#done.size > mostRemembered && oldest !== undefined) this.#done.delete(oldest);
    return result;
  }

  async #do({ method, payload }: Call): Promise<unknown> {
    return (this.#calls[method] as (request: unknown) => unknown)(payload);
  }

  async #answer(message: Message, response: CallResponse): Promise<void> {
    const { responseTopic, correlationData } = message;
    // Elsewhere the broker would refuse it; a caller that wants it elsewhere is not ours.
    if (responseTopic !== topics.response(this.#device)) return;
    try {
      await this.#publish({
        ...messageOf('response', encodePayload('response', response), this.#device),
        ...defined({ correlationData }),
      });
    } catch (error) {
      // A refusal is small: who asked hears why instead of nothing.
      if (response.ok && error instanceof LimitError) return this.refuse(message, error);
      this.#log.debug('A call was not answered', { error });
    }
  }
}
