import { type Clock, GoshawkError, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import {
  type CallMethod,
  type CallRequestOf,
  type CallResponse,
  type CallResultOf,
  checkCallResult,
  correlationBytes,
  correlationId,
  encodeCall,
  type Message,
  messageOf,
  type Transport,
  topics,
} from '../../protocol/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { CallSealer } from './call-sealer.ts';
import { expectOnline } from './expect-online.ts';

interface Pending {
  readonly device: string;
  readonly method: CallMethod;
  resolve(result: unknown): void;
  reject(error: GoshawkError): void;
}

const maxPendingPerDevice = 32;

export interface RpcClientPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  /** Tells this run of the controller from an earlier one, whose answers may still be under way. */
  readonly runId: string;
}

/** Requests to devices and their answers, matched by correlation data; every one ends, by answer or by time. */
export class RpcClient {
  readonly #ports: RpcClientPorts;
  readonly #pending = new Map<string, Pending>();
  #sealer: Pick<CallSealer, 'seal' | 'renew'> | undefined;
  #counter = 0;

  constructor(ports: RpcClientPorts) {
    this.#ports = ports;
  }

  /** Where the controller has a key. */
  sealWith(sealer: Pick<CallSealer, 'seal' | 'renew'>): void {
    this.#sealer = sealer;
  }

  /**
   * MissingErrors `device-unknown` and `device-offline` at once, `device-silent` after `timeoutMs`; RefusedError with the code and
   * message of the device itself. A device by whose clock the call is over already is asked once more, in a new run.
   */
  async call<M extends CallMethod>(
    device: string,
    method: M,
    request: CallRequestOf<M>,
    timeoutMs: number,
  ): Promise<CallResultOf<M>> {
    const { clock, registry } = this.#ports;
    expectOnline(registry, device);
    const askedMs = clock.monotonicMs();
    try {
      return await this.#callOnce(device, method, request, timeoutMs);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'call-expired') throw error;
      this.#sealer?.renew(device, askedMs);
      return this.#callOnce(device, method, request, timeoutMs);
    }
  }

  async #callOnce<M extends CallMethod>(
    device: string,
    method: M,
    request: CallRequestOf<M>,
    timeoutMs: number,
  ): Promise<CallResultOf<M>> {
    const waiting = [...this.#pending.values()].filter((pending) => pending.device === device).length;
    if (waiting >= maxPendingPerDevice)
      throw new LimitError(
        'too-many-calls',
        `${waiting} calls to ${device} are waiting for an answer already.`,
        'Try again when the device has answered.',
      );
    const { id: correlation, message } = this.#message(device, method, request, timeoutMs, { answer: true });
    const answer = new Promise<unknown>((resolve, reject) => {
      const cancel = this.#ports.clock.after(timeoutMs, () => {
        this.#pending.delete(correlation);
        reject(
          new MissingError(
            'device-silent',
            `${device} did not answer the call ${method} within ${Math.round(timeoutMs / 1000)} s.`,
            'Check that the device is online and its agent is new enough.',
          ),
        );
      });
      const end = () => {
        cancel();
        this.#pending.delete(correlation);
      };
      this.#pending.set(correlation, {
        device,
        method,
        resolve: (result) => {
          end();
          resolve(result);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
    });
    // The answer may be rejected (time-out, close) while the publish is still under way.
    answer.catch(() => undefined);
    try {
      await this.#ports.transport.publish(message);
    } catch (cause) {
      const error = new MissingError(
        'broker-away',
        `The call ${method} to ${device} could not be sent: the controller has no connection to the broker.`,
        'Try again when the broker is back.',
        { cause },
      );
      this.#pending.get(correlation)?.reject(error);
      throw error;
    }
    return checkCallResult(method, await answer, topics.response(device));
  }

  /** A call nobody waits for (`ack`, `rebirth`); false when it could not be sent. */
  async notify<M extends CallMethod>(
    device: string,
    method: M,
    request: CallRequestOf<M>,
    expiryMs: number,
  ): Promise<boolean> {
    try {
      const { message } = this.#message(device, method, request, expiryMs, { answer: false });
      await this.#ports.transport.publish(message);
      return true;
    } catch {
      return false;
    }
  }

  /** True when an answer with this correlation data belongs to a call of ours that waits. */
  expects(device: string, correlationData: Uint8Array | undefined): boolean {
    return this.#pendingOf(device, correlationData) !== undefined;
  }

  /** True when the answer belonged to a call of ours. */
  respond(device: string, correlationData: Uint8Array | undefined, response: CallResponse): boolean {
    const pending = this.#pendingOf(device, correlationData);
    if (pending === undefined) return false;
    if (response.ok) pending.resolve(response.result);
    else pending.reject(new RefusedError(response.code, response.message, response.remedy));
    return true;
  }

  close(): void {
    for (const pending of [...this.#pending.values()])
      pending.reject(new GoshawkError('closing', 'The controller is closing.', 'Try again in a moment.'));
  }

  #pendingOf(device: string, correlationData: Uint8Array | undefined): Pending | undefined {
    if (correlationData === undefined) return undefined;
    const pending = this.#pending.get(correlationId(correlationData));
    // The device is compared too, so that none can answer for another.
    return pending?.device === device ? pending : undefined;
  }

  #message<M extends CallMethod>(
    device: string,
    method: M,
    request: CallRequestOf<M>,
    expiryMs: number,
    { answer }: { readonly answer: boolean },
  ): { readonly id: string; readonly message: Message } {
    const payload = encodeCall(method, request);
    const sealed = this.#sealer?.seal(device, method, payload, expiryMs);
    const id = sealed?.id ?? `${this.#ports.runId}.${this.#counter++}`;
    const message = {
      ...messageOf('call', sealed?.payload ?? payload, device, method),
      expirySeconds: Math.max(1, Math.ceil(expiryMs / 1000)),
      ...(answer ? { responseTopic: topics.response(device), correlationData: correlationBytes(id) } : {}),
    };
    return { id, message };
  }
}
