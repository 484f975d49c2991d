import type { Change, Store } from '../store/store.ts';
import type { AuditLog } from './audit-log.ts';
import type { Caller } from './caller.ts';

/** What one command writes to the database, and what then happens in memory and on the broker. */
export interface Command<T> {
  readonly changes: readonly Change[];
  readonly apply: () => T;
}

export type CommandGuard = (
  caller: Caller,
  action: string,
  target: string,
  detail: unknown,
  changes: readonly Change[],
) => readonly Change[];

/**
 * Executes the commands of people. Each is one transaction together with its entry in the audit log; memory and broker
 * follow only after it. They run one after the other, so that generations of desired states can't overtake each other.
 */
export class CommandExecutor {
  readonly #store: Store;
  readonly #audit: AuditLog;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #guards: CommandGuard[] = [];

  constructor(store: Store, audit: AuditLog) {
    this.#store = store;
    this.#audit = audit;
  }

  /** Asked before each command is written, in turn: what it throws refuses it, what it gives is written with it. */
  guardBy(guard: CommandGuard): void {
    this.#guards.push(guard);
  }

  /** `prepare` is called when the commands before it are done; what it throws is written to the audit log too. */
  execute<T>(
    caller: Caller,
    action: string,
    target: string,
    detail: unknown,
    prepare: () => Command<T> | Promise<Command<T>>,
  ): Promise<T> {
    return this.#queue(async () => {
      try {
        const { changes, apply } = await prepare();
        const more = this.#guards.flatMap((guard) => guard(caller, action, target, detail, changes));
        const entry = this.#audit.entry(caller, action, target, detail, 'ok');
        await this.#store.commit({ changes: [...changes, ...more], audit: [entry] });
        return apply();
      } catch (error) {
        await this.#audit.recordFailure(caller, action, target, detail, error);
        throw error;
      }
    });
  }

  /** What follows from a message of a device and not from a person: in the same order, without an entry. */
  executeUnaudited(prepare: () => Command<unknown> | Promise<Command<unknown>>): Promise<void> {
    return this.#queue(async () => {
      const { changes, apply } = await prepare();
      if (changes.length === 0) return;
      await this.#store.commit({ changes });
      apply();
    });
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
