import type { MetadataStore } from '../../src/trust/index.ts';

/** Metadata in memory; `failing` makes writes reject, as a full disk does. */
export class MemoryMetadata implements MetadataStore {
  readonly files = new Map<string, Uint8Array>();
  failing: Error | undefined;

  async read(role: string): Promise<Uint8Array | undefined> {
    return this.files.get(role);
  }

  async write(role: string, bytes: Uint8Array): Promise<void> {
    if (this.failing !== undefined) throw this.failing;
    this.files.set(role, bytes);
  }
}
