const dayMs = 86_400_000;

/** What was written to the disk, and how much more may be today: what was used fades evenly over a day. */
export class WrittenBytes {
  readonly #perDay: number;
  #used: number;
  #atMs: number;
  #total = 0;

  /** `used`: in the last 24 hours, before this start. */
  constructor(used: number, perDay: number, atMs: number) {
    this.#used = used;
    this.#perDay = perDay;
    this.#atMs = atMs;
  }

  /** Since the start. */
  get total(): number {
    return this.#total;
  }

  hasRoom(bytes: number, atMs: number): boolean {
    this.#fade(atMs);
    return this.#used + bytes <= this.#perDay;
  }

  add(bytes: number, atMs: number): void {
    this.#fade(atMs);
    this.#used += bytes;
    this.#total += bytes;
  }

  #fade(atMs: number): void {
    const passed = Math.max(0, atMs - this.#atMs);
    this.#used = Math.max(0, this.#used - (this.#perDay * passed) / dayMs);
    this.#atMs = Math.max(this.#atMs, atMs);
  }
}
