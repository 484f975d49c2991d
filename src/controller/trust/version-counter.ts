import { decodeUtf8, encodeUtf8 } from '../../base/index.ts';
import type { MetadataStore } from '../../trust/index.ts';

/** Versions that are set aside on the disk before they are used: two seconds. */
const block = 2_000;

/**
 * Versions of metadata that is made on demand: the milliseconds of now, and never one that was used before, also after a
 * restart with a clock that went back. They hardly run ahead of the clock, neither by restarts nor by thousands of orders at
 * once: a controller that is restored from a copy counts on from now, and must not be behind what devices have seen.
 */
export class VersionCounter {
  readonly #store: MetadataStore;
  readonly #file: string;
  #last = 0;
  #reserved = 0;

  constructor(store: MetadataStore, file = 'versions') {
    this.#store = store;
    this.#file = file;
  }

  async open(nowMs: number): Promise<void> {
    const bytes = await this.#store.read(this.#file);
    const kept = bytes === undefined ? 0 : Number(decodeUtf8(bytes));
    this.#last = Number.isSafeInteger(kept) && kept > 0 ? kept : 0;
    this.#reserved = Math.max(this.#last, Math.floor(nowMs)) + block;
    await this.#store.write(this.#file, encodeUtf8(String(this.#reserved)));
  }

  next(nowMs: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(nowMs));
    if (this.#last > this.#reserved - block / 2) {
      this.#reserved = this.#last + block;
      // Half a block ahead: where the disk refuses, the clock has to go back for a number to come twice.
      void this.#store.write(this.#file, encodeUtf8(String(this.#reserved))).catch(() => {});
    }
    return this.#last;
  }
}
