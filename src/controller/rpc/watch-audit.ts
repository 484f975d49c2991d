import type { Clock } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { PeriodicTask } from '../module.ts';

/** A page that connects again, or is looked at again, is the same watching. */
const sameWatchMs = 600_000;
/** Watches that are remembered; of more all begin anew, which costs entries and loses none. */
const mostWatches = 10_000;
/** What is shorter is told together with what follows. */
const shortSeconds = 10;

interface Watching {
  readonly caller: Caller;
  /** Device and camera. */
  readonly target: string;
  /** When it was last written or seen; monotonic, like `sinceMs`. */
  lastMs: number;
  /** What was seen since then is not written yet. */
  sinceMs: number;
  seconds: number;
  pictures: number;
  privacy: Set<string>;
}

/** Who watched which camera: written before the first picture, and when it ended, with what was to be seen. */
export class WatchAudit {
  readonly #audit: Pick<AuditLog, 'note'>;
  readonly #clock: Clock;
  /** By token, device and camera. */
  readonly #watches = new Map<string, Watching>();

  constructor({ audit, clock }: { readonly audit: Pick<AuditLog, 'note'>; readonly clock: Clock }) {
    this.#audit = audit;
    this.#clock = clock;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 60_000, run: () => void this.writeShort() }];
  }

  close(): Promise<void> {
    return this.writeShort({ all: true });
  }

  /** Rejects where it can't be written: nobody watches unseen. */
  async began(caller: Caller, device: string, camera: string): Promise<void> {
    const known = this.#watches.get(keyOf(caller, device, camera));
    const nowMs = this.#clock.monotonicMs();
    if (known !== undefined && nowMs - known.lastMs < sameWatchMs) return;
    await this.#audit.note(caller, 'preview.watch', `${device}/${camera}`, { role: caller.role });
    this.#watching(caller, device, camera).lastMs = nowMs;
  }

  /** `privacy`: the modes of the pictures that were sent. Never rejects: the watching is over. */
  async ended(
    caller: Caller,
    device: string,
    camera: string,
    { seconds, pictures, privacy }: { seconds: number; pictures: number; privacy: readonly string[] },
  ): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const watching = this.#watching(caller, device, camera);
    if (watching.seconds === 0 && watching.pictures === 0) watching.sinceMs = nowMs;
    watching.lastMs = nowMs;
    watching.seconds += seconds;
    watching.pictures += pictures;
    for (const mode of privacy) watching.privacy.add(mode);
    if (seconds >= shortSeconds) await this.#write(watching);
  }

  /** Called every minute, and with `all` at the end: many short looks of one watching are one entry. */
  async writeShort({ all = false } = {}): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, watching] of this.#watches) {
      const isOver = all || nowMs - watching.lastMs >= sameWatchMs;
      if (isOver || nowMs - watching.sinceMs >= sameWatchMs) await this.#write(watching);
      if (isOver && watching.seconds === 0) this.#watches.delete(key);
    }
  }

  #watching(caller: Caller, device: string, camera: string): Watching {
    const key = keyOf(caller, device, camera);
    const known = this.#watches.get(key);
    if (known !== undefined) return known;
    if (this.#watches.size >= mostWatches) {
      const all = [...this.#watches.values()];
      this.#watches.clear();
      for (const one of all) void this.#write(one);
    }
    const nowMs = this.#clock.monotonicMs();
    const watching: Watching = {
      ...{ caller, target: `${device}/${camera}`, lastMs: nowMs, sinceMs: nowMs },
      ...{ seconds: 0, pictures: 0, privacy: new Set<string>() },
    };
    this.#watches.set(key, watching);
    return watching;
  }

  /** What can't be written now is written later. */
  async #write(watching: Watching): Promise<void> {
    const { caller, target, seconds, pictures, privacy } = watching;
    if (seconds === 0 && pictures === 0) return;
    Object.assign(watching, { seconds: 0, pictures: 0, privacy: new Set<string>() });
    const detail = { seconds: Math.round(seconds), pictures, privacy: [...privacy] };
    try {
      await this.#audit.note(caller, 'preview.end', target, detail);
    } catch {
      // It may be forgotten meanwhile: its sum goes to the one that is written next.
      const key = `${caller.tokenId}/${target}`;
      const kept = this.#watches.get(key) ?? watching;
      this.#watches.set(key, kept);
      kept.seconds += seconds;
      kept.pictures += pictures;
      for (const mode of privacy) kept.privacy.add(mode);
    }
  }
}

function keyOf({ tokenId }: Caller, device: string, camera: string): string {
  return `${tokenId}/${device}/${camera}`;
}
