/**
 * What is remembered of each device. Device ids come from outside, so that only so many are remembered: first those are
 * forgotten that are as good as new, and where that is not enough all begin anew.
 */
export class BoundedMap<V> {
  readonly #max: number;
  readonly #make: (nowMs: number) => V;
  readonly #isAsNew: (value: V, nowMs: number) => boolean;
  readonly #values = new Map<string, V>();

  constructor(max: number, make: (nowMs: number) => V, isAsNew: (value: V, nowMs: number) => boolean) {
    this.#max = max;
    this.#make = make;
    this.#isAsNew = isAsNew;
  }

  get size(): number {
    return this.#values.size;
  }

  get(device: string, nowMs: number): V {
    const known = this.#values.get(device);
    if (known !== undefined) return known;
    if (this.#values.size >= this.#max) this.#makeRoom(nowMs);
    const value = this.#make(nowMs);
    this.#values.set(device, value);
    return value;
  }

  forget(device: string): void {
    this.#values.delete(device);
  }

  #makeRoom(nowMs: number): void {
    for (const [device, value] of this.#values) if (this.#isAsNew(value, nowMs)) this.#values.delete(device);
    if (this.#values.size >= this.#max) this.#values.clear();
  }
}
