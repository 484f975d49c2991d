import { asGoshawkError, type Cancel, type Clock, type RateLimitedLog } from '../../base/index.ts';
import type { IngestStore, KnownDevice } from '../store/ingest-store.ts';

/** Questions of this time are asked together. */
const gatherMs = 20;
/** The leader writes a birth in less; until then it is asked again so often. */
const againMs = 500;
/** What the leader changed meanwhile is believed no longer than this. */
const freshMs = 600_000;

interface Entry {
  readonly catalogues: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly newest: number | undefined;
  readonly readMs: number;
}

export interface DeviceDirectoryPorts {
  readonly store: Pick<IngestStore, 'devices'>;
  readonly clock: Clock;
  readonly rateLimitedLog: RateLimitedLog;
  readonly maxDevices: number;
  /** A device was read, or there is none with its id. False: ask again. */
  readonly onRead: (device: string) => boolean;
}

/** What the leader has stored of devices, as far as their telemetry needs it: whether they are there, and their aliases. */
export class DeviceDirectory {
  readonly #ports: DeviceDirectoryPorts;
  readonly #entries = new Map<string, Entry>();
  #asked = new Set<string>();
  #timer: Cancel | undefined;
  #asking = false;
  #closed = false;

  constructor(ports: DeviceDirectoryPorts) {
    this.#ports = ports;
  }

  isKnown(device: string): boolean {
    return this.#fresh(device) !== undefined;
  }

  /** Aliases of a session; of an earlier one whose birth never came those of the newest, for an alias keeps its meaning. */
  catalogue(device: string, session: number): ReadonlyMap<number, number> | undefined {
    const entry = this.#fresh(device);
    const own = entry?.catalogues.get(session);
    if (own !== undefined || entry?.newest === undefined || session > entry.newest) return own;
    return entry.catalogues.get(entry.newest);
  }

  ask(device: string): void {
    this.#asked.add(device);
    this.#plan(gatherMs);
  }

  forget(device: string): void {
    this.#entries.delete(device);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  #fresh(device: string): Entry | undefined {
    const entry = this.#entries.get(device);
    if (entry !== undefined && this.#ports.clock.monotonicMs() - entry.readMs < freshMs) return entry;
    return undefined;
  }

  #plan(afterMs: number): void {
    if (this.#timer !== undefined || this.#asking || this.#closed || this.#asked.size === 0) return;
    this.#timer = this.#ports.clock.after(afterMs, () => {
      this.#timer = undefined;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    const { store, rateLimitedLog, onRead, maxDevices } = this.#ports;
    const names = [...this.#asked];
    this.#asked = new Set();
    this.#asking = true;
    try {
      const found = new Map((await store.devices(names)).map((one) => [one.device, one]));
      if (this.#entries.size + names.length > maxDevices) this.#entries.clear();
      for (const name of names) {
        this.#keep(name, found.get(name));
        if (!onRead(name)) this.#asked.add(name);
      }
    } catch (cause) {
      const { message, code, remedy } = asGoshawkError(cause, 'database-failed');
      rateLimitedLog.warn('devices', message, { code, remedy });
      for (const name of names) this.#asked.add(name);
    }
    this.#asking = false;
    this.#plan(againMs);
  }

  #keep(name: string, known: KnownDevice | undefined): void {
    if (known === undefined) {
      this.#entries.delete(name);
      return;
    }
    const catalogues = new Map(known.catalogues.map(({ session, aliases }) => [session, new Map(aliases)]));
    const newest = catalogues.size === 0 ? undefined : Math.max(...catalogues.keys());
    this.#entries.set(name, { catalogues, newest, readMs: this.#ports.clock.monotonicMs() });
  }
}
