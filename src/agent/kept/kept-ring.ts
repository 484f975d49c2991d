/** What is known in memory of a file on the disk, whose id grows with time. */
export interface KeptEntry {
  readonly id: string;
  readonly camera: string;
  readonly timeMs: number;
  readonly bytes: number;
}

export interface RingLimits {
  readonly maxBytes: number;
  readonly days: number;
}

/** Files of one camera that are in memory's list at most, whatever their size. */
const mostFiles = 20_000;

/**
 * What is on the disk of pictures that the device keeps, oldest first, and what must go to make room.
 *
 * INVARIANTS
 * - ids grow over the life of the device, also when the wall clock goes back;
 * - what `goesLast` names goes last of its camera;
 * - a file is too old only if two looks an hour apart say so: a clock that jumps for a moment costs nothing.
 */
export class KeptRing<Entry extends KeptEntry> {
  readonly #goesLast: (entry: Entry) => boolean;
  #entries: Entry[];
  #lastSerial = 0;
  #old: { readonly ids: ReadonlySet<string>; readonly atMs: number } | undefined;

  constructor(entries: readonly Entry[], goesLast: (entry: Entry) => boolean = () => false) {
    this.#goesLast = goesLast;
    this.#entries = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
    const last = this.#entries.at(-1);
    if (last !== undefined) this.#lastSerial = Number.parseInt(last.id, 36) || 0;
  }

  /** An id after every one before it. */
  newId(wallMs: number): string {
    this.#lastSerial = Math.max(this.#lastSerial + 1, Math.floor(wallMs));
    return `${this.#lastSerial.toString(36).padStart(10, '0')}-0`;
  }

  /** In its place: a picture from before an alarm is older than what was kept meanwhile. */
  add(entry: Entry): void {
    let place = this.#entries.length;
    while (place > 0 && this.#entries[place - 1]!.id > entry.id) place--;
    this.#entries.splice(place, 0, entry);
  }

  remove(id: string): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
  }

  has(id: string): boolean {
    return this.#entries.some((entry) => entry.id === id);
  }

  of(camera: string): { readonly count: number; readonly bytes: number } {
    const entries = this.#entries.filter((entry) => entry.camera === camera);
    return { count: entries.length, bytes: sum(entries) };
  }

  get total(): { readonly count: number; readonly bytes: number } {
    return { count: this.#entries.length, bytes: sum(this.#entries) };
  }

  /** Bytes of a camera's files that were made since. */
  since(camera: string, timeMs: number): number {
    return sum(this.#entries.filter((entry) => entry.camera === camera && entry.timeMs >= timeMs));
  }

  page(camera: string | undefined, after: string | undefined, limit: number) {
    const rest = this.#entries.filter(
      (entry) =>
        (camera === undefined || entry.camera === camera) && (after === undefined || entry.id > after),
    );
    return { entries: rest.slice(0, limit), more: rest.length > limit };
  }

  /** Ids that must go before `bytes` more of this camera have room; undefined where they never will. */
  makeRoom(camera: string, bytes: number, { maxBytes }: RingLimits): string[] | undefined {
    if (bytes > maxBytes) return undefined;
    const own = this.#entries.filter((entry) => entry.camera === camera);
    let held = sum(own);
    let count = own.length;
    const gone: string[] = [];
    for (const entry of [...own.filter((entry) => !this.#goesLast(entry)), ...own.filter(this.#goesLast)]) {
      if (held + bytes <= maxBytes && count < mostFiles) break;
      gone.push(entry.id);
      held -= entry.bytes;
      count -= 1;
    }
    return gone;
  }

  /** Ids of files that are too old; called about every hour. */
  outlived(wallMs: number, monotonicMs: number, daysOf: (camera: string) => number): string[] {
    const old = this.#entries.filter(({ camera, timeMs }) => wallMs - timeMs > daysOf(camera) * 86_400_000);
    const before = this.#old;
    if (before !== undefined && monotonicMs - before.atMs < 3_500_000) return [];
    this.#old = { ids: new Set(old.map(({ id }) => id)), atMs: monotonicMs };
    return old.map(({ id }) => id).filter((id) => before?.ids.has(id) === true);
  }
}

function sum(entries: readonly KeptEntry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}
