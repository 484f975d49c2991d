import type { AuditCheck, AuditList, AuditQuery } from '../../api/index.ts';
import { asGoshawkError, type Clock, describeError, type Log } from '../../base/index.ts';
import type { PeriodicTask } from '../module.ts';
import type { AuditDraft } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { actorOf, type Caller } from './caller.ts';

/** Characters of a detail as JSON. The audit only grows: of what is larger its beginning is kept. */
export const maxAuditDetail = 4_096;

/** Whether the audit has all of this detail. */
export function isAuditedWhole(detail: unknown): boolean {
  return JSON.stringify(detail).length <= maxAuditDetail;
}

function detailText(detail: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(detail);
  } catch {
    return JSON.stringify({ unreadable: true });
  }
  if (text.length <= maxAuditDetail) return text;
  return JSON.stringify({ characters: text.length, beginning: text.slice(0, maxAuditDetail / 2) });
}

export interface AuditLogPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the chain ended with when it was last read. */
export interface AuditHead {
  readonly entries: number;
  readonly head: string;
}

/** Who did what: entries are written with the change that they are about, and read by admins. */
export class AuditLog {
  readonly #ports: AuditLogPorts;
  #head: AuditHead | undefined;

  constructor(ports: AuditLogPorts) {
    this.#ports = ports;
  }

  /** What the next signed timestamp vouches for. */
  get head(): AuditHead | undefined {
    return this.#head;
  }

  start(): Promise<void> {
    return this.#readHead();
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 60_000, run: () => void this.#readHead() }];
  }

  /** Newest first. */
  async list(query: AuditQuery): Promise<AuditList> {
    const page = await this.#ports.store.audit(query);
    return { ...page, entries: [...page.entries] };
  }

  check(): Promise<AuditCheck> {
    return this.#ports.store.checkAudit();
  }

  /** Work outside of the database (a bundle on the disk) with its entry, also when it fails. */
  async record<T>(caller: Caller, action: string, target: string, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      await this.#write(this.entry(caller, action, target, {}, 'ok'));
      return result;
    } catch (error) {
      await this.recordFailure(caller, action, target, {}, error);
      throw error;
    }
  }

  /** An action without a change: a person looked. */
  note(caller: Caller, action: string, target: string, detail: unknown): Promise<void> {
    return this.#write(this.entry(caller, action, target, detail, 'ok'));
  }

  /** Somebody with a valid token tried what the role does not allow. */
  recordForbidden(caller: Caller, action: string, target: string): Promise<void> {
    return this.#write(this.entry(caller, action, target, {}, 'forbidden'));
  }

  /** Never rejects: the command failed already, and its error is what the caller must see. */
  async recordFailure(
    caller: Caller,
    action: string,
    target: string,
    detail: unknown,
    error: unknown,
  ): Promise<void> {
    const { code } = asGoshawkError(error, 'internal');
    try {
      await this.#write(this.entry(caller, action, target, detail, code));
    } catch (cause) {
      this.#ports.log.error('A failed command could not be written to the audit', {
        action,
        target,
        actor: actorOf(caller),
        cause: describeError(cause),
      });
    }
  }

  /** An entry that is to be written together with what it is about. */
  entry(caller: Caller, action: string, target: string, detail: unknown, result: string): AuditDraft {
    return {
      timeMs: this.#ports.clock.wallMs(),
      actor: actorOf(caller),
      action,
      target,
      result,
      detail: detailText(detail),
    };
  }

  /** A database that does not answer leaves the one before. */
  async #readHead(): Promise<void> {
    const { store, log } = this.#ports;
    try {
      const [last] = (await store.audit({ limit: 1 })).entries;
      if (last !== undefined) this.#head = { entries: last.seq, head: last.hash };
    } catch (error) {
      log.debug('The end of the audit could not be read', { error });
    }
  }

  async #write(entry: AuditDraft): Promise<void> {
    await this.#ports.store.commit({ audit: [entry] });
  }
}
