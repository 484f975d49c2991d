import { defined } from '../../base/index.ts';
import type { TrustReport } from '../../protocol/index.ts';
import { unverifiedDesired, unverifiedRequest } from '../../trust/index.ts';
import type { OpenedCall, OpenedOrder, TrustGate } from './ports.ts';

/** Admits everything: a device without a root, or one that was told to. It says so wherever it reports. */
export class OpenTrustGate implements TrustGate {
  readonly signed = false;
  readonly authority = undefined;
  readonly stale = false;
  readonly #mode: TrustReport['mode'];

  readonly #problem: string | undefined;

  /** `problem`: why it has no root, where there is one. */
  constructor(mode: 'unsigned' | 'insecure', problem?: string) {
    this.#mode = mode;
    this.#problem = problem?.slice(0, 2000);
  }

  /** A controller that signs does so for every device; whose signature it is nobody can say here. */
  openOrder(payload: Uint8Array): OpenedOrder {
    return { payload: unverifiedDesired(payload) };
  }

  openCall(payload: Uint8Array): OpenedCall {
    return { request: unverifiedRequest(payload) };
  }

  async admit(): Promise<void> {}

  async expectAdmitted(): Promise<void> {}

  async refresh(): Promise<void> {}

  async standing(): Promise<undefined> {
    return undefined;
  }

  async committed(): Promise<void> {}

  report(): TrustReport {
    return { mode: this.#mode, ...defined({ problem: this.#problem }) };
  }
}
