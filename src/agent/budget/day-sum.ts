/** What is kept of a sum over a restart: the newest hour last. */
export interface KeptDay {
  readonly wallMs: number;
  readonly hours: readonly number[];
}

const hourMs = 3_600_000;
/** The hour that runs, and the 24 before it: at least a day, whenever one looks. */
const kept = 25;

/** A sum over the last 24 hours, an hour more or less. Durations are monotonic: a clock that is set changes nothing. */
export class DaySum {
  #hours: number[] = new Array(kept).fill(0);
  #startMs: number;

  /** `nowMs`: monotonic. `wallMs`: how much time passed since an earlier life; one that goes back says none. */
  constructor(nowMs: number, before?: KeptDay, wallMs = 0) {
    this.#startMs = nowMs;
    if (before === undefined) return;
    const past = before.hours.slice(-kept);
    this.#hours = [...new Array(kept - past.length).fill(0), ...past];
    const passed = Math.floor(Math.max(0, wallMs - before.wallMs) / hourMs);
    this.#shift(Math.min(kept, passed));
  }

  add(value: number, nowMs: number): void {
    this.#pass(nowMs);
    this.#hours[kept - 1]! += value;
  }

  total(nowMs: number): number {
    this.#pass(nowMs);
    return this.#hours.reduce((sum, hour) => sum + hour, 0);
  }

  keep(wallMs: number, nowMs: number): KeptDay {
    this.#pass(nowMs);
    return { wallMs, hours: [...this.#hours] };
  }

  #pass(nowMs: number): void {
    const passed = Math.floor(Math.max(0, nowMs - this.#startMs) / hourMs);
    this.#startMs += passed * hourMs;
    this.#shift(Math.min(kept, passed));
  }

  #shift(hours: number): void {
    if (hours === 0) return;
    this.#hours = [...this.#hours.slice(hours), ...new Array(hours).fill(0)];
  }
}

/** Undefined for what is no kept day; whatever lies on the disk. */
export function readKeptDay(value: unknown): KeptDay | undefined {
  const { wallMs, hours } = (value ?? {}) as Partial<KeptDay>;
  const usable =
    typeof wallMs === 'number' &&
    Number.isFinite(wallMs) &&
    Array.isArray(hours) &&
    hours.length <= kept &&
    hours.every((hour) => typeof hour === 'number' && Number.isFinite(hour) && hour >= 0);
  return usable ? { wallMs, hours: hours as number[] } : undefined;
}
