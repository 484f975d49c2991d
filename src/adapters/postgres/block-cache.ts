/** Of 20,000 devices the roll-ups of this minute and this hour take less. */
const mostBytes = 128 * 1024 * 1024;

/**
 * The newest roll-ups as they are stored, so that they are not read again for every batch that goes into them. Right only
 * while nobody else writes, and forgotten with every commit that fails. The one that was used longest ago goes first.
 */
export class BlockCache {
  readonly #blocks = new Map<string, Uint8Array>();
  #bytes = 0;

  get(key: string): Uint8Array | undefined {
    return this.#blocks.get(key);
  }

  set(key: string, block: Uint8Array): void {
    this.#delete(key);
    this.#blocks.set(key, block);
    this.#bytes += block.byteLength;
    for (const oldest of this.#blocks.keys()) {
      if (this.#bytes <= mostBytes) return;
      this.#delete(oldest);
    }
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #delete(key: string): void {
    this.#bytes -= this.#blocks.get(key)?.byteLength ?? 0;
    this.#blocks.delete(key);
  }
}
