import { rename, rm } from 'node:fs/promises';
import type { RegistryClient } from '../../../adapters/oci/index.ts';
import { describeError, InputError, LimitError, type Log } from '../../../base/index.ts';
import type { FetchOptions, WantedFile } from './bundle-source.ts';
import { largestManifest } from './bundle-source.ts';

/** A peer that did not answer is left alone for so long. */
const restMs = 300_000;
/** A peer on the same network answers at once or not at all. */
const silenceMs = 5_000;
/** Peers know blobs by digest alone; the repository is a word in their addresses. */
const repository = 'peer';

/**
 * Other devices of the fleet that may have a blob. What they give is held to its digest like everything else: one that lies
 * wastes the bytes of one file, once, and is not asked again until the agent starts anew.
 */
export class Peers {
  readonly #peers: readonly RegistryClient[];
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #until = new Map<RegistryClient, number>();

  constructor(peers: readonly RegistryClient[], ports: { readonly log: Log; readonly nowMs: () => number }) {
    this.#peers = peers;
    this.#log = ports.log;
    this.#nowMs = ports.nowMs;
  }

  /** True when a peer had the file and it lies in `target`. */
  async fetch({ digest, size }: WantedFile, target: string, options: FetchOptions): Promise<boolean> {
    // Not the file that the registry's bytes go on in: a peer's half may be anything.
    const aside = `${target}.peer`;
    const got = await this.#any(options.signal, async (peer) => {
      await rm(aside, { force: true });
      await peer.pull(repository, { digest, size }, aside, { ...options, silenceMs });
      await rename(aside, target);
      return true;
    });
    if (got !== true) await rm(aside, { force: true });
    return got === true;
  }

  manifest(digest: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#any(signal, (peer) => peer.blob(repository, digest, largestManifest, signal));
  }

  async #any<T>(signal: AbortSignal, work: (peer: RegistryClient) => Promise<T>): Promise<T | undefined> {
    for (const peer of this.#peers) {
      if (this.#nowMs() < (this.#until.get(peer) ?? 0)) continue;
      try {
        return await work(peer);
      } catch (error) {
        if (signal.aborted) throw error;
        if (error instanceof InputError && error.code === 'registry-missing') continue;
        const lied = error instanceof InputError || error instanceof LimitError;
        this.#until.set(peer, lied ? Number.POSITIVE_INFINITY : this.#nowMs() + restMs);
        this.#log.warn('A peer gave no model', { peer: peer.url, reason: describeError(error) });
      }
    }
    return undefined;
  }
}
