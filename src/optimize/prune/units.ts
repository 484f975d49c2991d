/** Channels that can only go together, e.g. channel 5 of every layer that a residual Add joins. Identified by number. */
export type Unit = number;

/** Disjoint sets of channels, and why some of them have to stay. */
export class Units {
  readonly #parent: Unit[] = [];
  readonly #reasons = new Map<Unit, string>();

  make(count: number): Unit[] {
    return Array.from({ length: count }, () => {
      this.#parent.push(this.#parent.length);
      return this.#parent.length - 1;
    });
  }

  /** The first reason is the one that is told. */
  keep(units: readonly Unit[] | undefined, reason: string): void {
    for (const unit of units ?? []) {
      const root = this.root(unit);
      if (!this.#reasons.has(root)) this.#reasons.set(root, reason);
    }
  }

  reason(unit: Unit): string | undefined {
    return this.#reasons.get(this.root(unit));
  }

  joinAll(first: readonly Unit[], others: readonly Unit[]): void {
    others.forEach((unit, c) => {
      this.join(first[c] ?? unit, unit);
    });
  }

  join(a: Unit, b: Unit): void {
    const first = this.root(a);
    const second = this.root(b);
    if (first === second) return;
    this.#parent[second] = first;
    const reason = this.#reasons.get(second);
    if (reason !== undefined && !this.#reasons.has(first)) this.#reasons.set(first, reason);
  }

  root(unit: Unit): Unit {
    let at = unit;
    for (;;) {
      const next = this.#parent[at] ?? at;
      if (next === at) return at;
      at = next;
    }
  }
}
