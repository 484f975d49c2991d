import { asGoshawkError, defined, type GoshawkError, InputError, type Log } from '../base/index.ts';
import {
  type CallResponse,
  type CallResultOf,
  type Decoded,
  encodePayload,
  type Message,
  messageOf,
  topics,
} from '../protocol/index.ts';

import type { RobotOrder } from './ports.ts';

type Call = Extract<Decoded, { kind: 'call' }>;

/** What the controller may ask of the device. */
export interface RpcHandlers {
  rebirth(): Promise<void>;
  ack(entries: readonly number[]): void;
  /** Throws InputError for a camera that is not there. */
  preview(request: Extract<Call, { method: 'preview' }>['payload']): void;
  /** Throws an InputError where nobody asks for it. */
  updates(request: Extract<Call, { method: 'updates' }>['payload']): void;
  /** Rejects with an InputError for a service that may not be called. */
  robot(order: RobotOrder): Promise<CallResultOf<'robot'>>;
  describe(): CallResultOf<'describe'>;
  frames(request: Extract<Call, { method: 'frames' }>['payload']): Promise<CallResultOf<'frames'>>;
  /** InputError `sum-not-asked` where it takes no part; others as `SumMember` says. */
  joinSum(request: Extract<Call, { method: 'join-sum' }>['payload']): CallResultOf<'join-sum'>;
  maskedSum(request: Extract<Call, { method: 'masked-sum' }>['payload']): CallResultOf<'masked-sum'>;
  /** Rejects with an InputError for a frame that is not there. */
  frame(request: Extract<Call, { method: 'frame' }>['payload']): Promise<CallResultOf<'frame'>>;
}

function movesMachine({ method }: Call): boolean {
  return method === 'robot';
}

/** More calls than an operator makes in the seconds for which a broker keeps one. */
const mostRemembered = 64;

/** Does what a call asks and answers it; a call without a place for the answer is done without one. */
export class RpcServer {
  readonly #device: string;
  readonly #handlers: RpcHandlers;
  readonly #publish: (message: Message) => Promise<void>;
  readonly #log: Log;
  readonly #done = new Map<string, Promise<unknown>>();

  constructor(device: string, handlers: RpcHandlers, publish: (message: Message) => Promise<void>, log: Log) {
    this.#device = device;
    this.#handlers = handlers;
    this.#publish = publish;
    this.#log = log;
  }

  async take(call: Call, message: Message): Promise<void> {
    try {
      const result = await (movesMachine(call) ? this.#once(call, message) : this.#do(call));
      if (call.method !== 'ack') await this.#answer(message, { ok: true, result });
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

  async #do(call: Call): Promise<unknown> {
    switch (call.method) {
      case 'rebirth':
        await this.#handlers.rebirth();
        return {};
      case 'ack':
        this.#handlers.ack(call.payload.entries);
        return {};
      case 'preview':
        this.#handlers.preview(call.payload);
        return {};
      case 'describe':
        return this.#handlers.describe();
      case 'updates':
        this.#handlers.updates(call.payload);
        return {};
      case 'robot':
        return this.#handlers.robot(call.payload);
      case 'frames':
        return this.#handlers.frames(call.payload);
      case 'frame':
        return this.#handlers.frame(call.payload);
      case 'join-sum':
        return this.#handlers.joinSum(call.payload);
      case 'masked-sum':
        return this.#handlers.maskedSum(call.payload);
    }
  }

  async #answer({ responseTopic, correlationData }: Message, response: CallResponse): Promise<void> {
    // Elsewhere the broker would refuse it; a caller that wants it elsewhere is not ours.
    if (responseTopic !== topics.response(this.#device)) return;
    try {
      await this.#publish({
        ...messageOf('response', encodePayload('response', response), this.#device),
        ...defined({ correlationData }),
      });
    } catch (error) {
      this.#log.debug('A call was not answered', { error });
    }
  }
}

export function updatesNotAsked(): InputError {
  return new InputError(
    'updates-not-asked',
    'This device does not ask over MQTT whether a model may be switched.',
    'Set updates.mqtt in its settings.',
  );
}

export function sumNotAsked(): InputError {
  return new InputError(
    'sum-not-asked',
    'This device takes no part in sums: it sends its own counts.',
    'Set statistics.counts to "summed" in its settings.',
  );
}

export function robotNotThere(): InputError {
  return new InputError(
    'robot-call-refused',
    'The settings of this device name no service of a robot that the fleet may call.',
    'Name it in ros.bridge.services.',
  );
}

export function unknownCamera(camera: string, cameras: readonly string[]): InputError {
  return new InputError(
    'camera-unknown',
    `This device has no camera named ${camera}.`,
    `Its cameras are ${cameras.join(', ') || 'none'}.`,
  );
}
