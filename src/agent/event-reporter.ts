import { type Clock, defined, describeError, type Log } from '../base/index.ts';
import { type DeviceEvent, encodePayload, type Severity } from '../protocol/index.ts';
import type { Outbox } from '../telemetry/index.ts';

export interface AgentEvent {
  /** Dotted, lower case: `camera.lost`. */
  readonly kind: string;
  readonly severity: Severity;
  readonly message: string;
  readonly camera?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Turns what happened into events with an id for ever and puts them in the outbox. */
export class EventReporter {
  readonly #session: number;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #log: Log;

  constructor(session: number, outbox: Outbox, clock: Clock, newId: () => string, log: Log) {
    this.#session = session;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#newId = newId;
    this.#log = log;
  }

  /** The disk refuses what is kept (`problem`), or takes it again. */
  diskChanged(what: 'outbox' | 'memory', problem: string | undefined): void {
    void this.report(
      problem === undefined
        ? { kind: `${what}.disk-recovered`, severity: 'info', message: `The ${what} is on the disk again.` }
        : { kind: `${what}.disk-failed`, severity: 'error', message: problem },
    );
  }

  /** Resolves with true when the outbox has it. Never rejects: whoever tells something must not fail by telling it. */
  async report({ kind, severity, message, camera, data }: AgentEvent): Promise<boolean> {
    const event: Omit<DeviceEvent, 'entry'> = {
      id: this.#newId(),
      session: this.#session,
      timeMs: Math.max(0, this.#clock.wallMs()),
      kind,
      severity,
      message: message.slice(0, 2000),
      ...defined({ camera, data }),
    };
    this.#log[severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error'](message, {
      event: kind,
      ...defined({ camera }),
    });
    try {
      await this.#outbox.accept('event', this.#session, (entry) =>
        encodePayload('events', { ...event, entry }),
      );
      return true;
    } catch (error) {
      this.#log.error('An event was lost', { event: kind, reason: describeError(error) });
      return false;
    }
  }
}
