import type { Clock } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';

/** A page that connects again, or is looked at again, is the same watching. */
const sameWatchMs = 600_000;
/** Watches that are remembered; of more all begin anew, which costs entries and loses none. */
const mostWatches = 10_000;

/** Who watched which camera: written before the first picture, and when it ended, with what was to be seen. */
export class WatchAudit {
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  /** When it was last written or seen, by token, device and camera; monotonic. */
  readonly #watches = new Map<string, number>();

  constructor(audit: AuditLog, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Rejects where it can't be written: nobody watches unseen. */
  async began(caller: Caller, device: string, camera: string): Promise<void> {
    const key = `${caller.tokenId}/${device}/${camera}`;
    const nowMs = this.#clock.monotonicMs();
    const lastMs = this.#watches.get(key);
    if (lastMs !== undefined && nowMs - lastMs < sameWatchMs) return;
    await this.#audit.note(caller, 'preview.watch', `${device}/${camera}`, { role: caller.role });
    if (this.#watches.size >= mostWatches) this.#watches.clear();
    this.#watches.set(key, nowMs);
  }

  /** `privacy`: the modes of the pictures that were sent. Never rejects: the watching is over. */
  async ended(
    caller: Caller,
    device: string,
    camera: string,
    { seconds, pictures, privacy }: { seconds: number; pictures: number; privacy: readonly string[] },
  ): Promise<void> {
    const key = `${caller.tokenId}/${device}/${camera}`;
    const known = this.#watches.has(key);
    this.#watches.set(key, this.#clock.monotonicMs());
    // A short look of a watching that is written already adds nothing.
    if (known && seconds < 10) return;
    const detail = { seconds: Math.round(seconds), pictures, privacy: [...privacy] };
    await this.#audit.note(caller, 'preview.end', `${device}/${camera}`, detail).catch(() => undefined);
  }
}
