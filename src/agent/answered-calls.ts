import type { Cancel, Clock } from '../base/index.ts';
import { type CallMethod, housekeepingCalls } from '../protocol/index.ts';
import type { AgentEvent } from './event-reporter.ts';

export interface AnsweredCallsPorts {
  readonly reportEvent: (event: AgentEvent) => void;
  readonly clock: Clock;
}

const togetherMs = 60_000;
const mostTogether = 64;

/**
 * Which signed calls this device answered: in its own log and as events, which the controller compares with what it asked. Those
 * of a minute are told together.
 */
export class AnsweredCalls {
  readonly #ports: AnsweredCallsPorts;
  #calls: { readonly method: CallMethod; readonly id: string }[] = [];
  #cancel: Cancel | undefined;

  constructor(ports: AnsweredCallsPorts) {
    this.#ports = ports;
  }

  note(method: CallMethod, id: string): void {
    if (housekeepingCalls.has(method)) return;
    this.#calls.push({ method, id });
    if (this.#calls.length >= mostTogether) this.tell();
    else this.#cancel ??= this.#ports.clock.after(togetherMs, () => this.tell());
  }

  /** Also at the end of the session. */
  tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const calls = this.#calls;
    if (calls.length === 0) return;
    this.#calls = [];
    const methods = [...new Set(calls.map(({ method }) => method))].join(', ');
    this.#ports.reportEvent({
      ...{ kind: 'calls.answered', severity: 'info', data: { calls } },
      message: `Answered ${calls.length} ${calls.length === 1 ? 'call' : 'calls'} of the controller: ${methods}.`,
    });
  }
}
