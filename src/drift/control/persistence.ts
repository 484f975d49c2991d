/** True when at least `needed` of the last `window` answers were yes. */
export class Persistence {
  readonly needed: number;
  readonly window: number;
  readonly #last: boolean[] = [];

  constructor(needed: number, window: number) {
    this.needed = needed;
    this.window = window;
  }

  add(yes: boolean): boolean {
    this.#last.push(yes);
    if (this.#last.length > this.window) this.#last.shift();
    return this.#last.filter(Boolean).length >= this.needed;
  }

  reset(): void {
    this.#last.length = 0;
  }
}
