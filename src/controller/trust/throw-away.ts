import {
  type Fields,
  newRepository,
  type RepositoryFile,
  repositoryFileBytes,
  signWith,
  type TrustCrypto,
  type TrustSigner,
  targetPath,
  withTargets,
} from '../../trust/index.ts';
import type { NamedBundle } from './named-bundle.ts';

/** Ten years: nobody renews what is for a demonstration. */
const days = 3650;

/**
 * The owner of a demonstration: one key beside the controller, which signs whatever is asked for. Everything is as with
 * keys that are offline, but for what keys that are offline are for.
 */
export class ThrowAwayOwner {
  readonly #owner: TrustSigner;
  readonly #verifier: TrustCrypto;

  constructor(owner: TrustSigner, verifier: TrustCrypto) {
    this.#owner = owner;
    this.#verifier = verifier;
  }

  first(online: TrustSigner, nowMs: number): Uint8Array {
    const root = { keys: [this.#owner.key], threshold: 1 };
    const term = { nowMs, days };
    return this.#signed(newRepository({ root, targets: root, online: online.key }, term, this.#verifier));
  }

  /** What is published with one model more. */
  with(file: RepositoryFile, model: NamedBundle, length: number, nowMs: number): Uint8Array {
    const target: Fields = {
      length,
      hashes: { sha256: model.digest.replace(/^sha256:/, '') },
      custom: { goshawk: { release: 1 } },
    };
    const more = (targets: Readonly<Record<string, Fields>>) => ({ ...targets, [targetPath(model)]: target });
    return this.#signed(withTargets(file, more, { nowMs, days }, this.#verifier));
  }

  #signed(file: RepositoryFile): Uint8Array {
    return repositoryFileBytes(signWith(file, this.#owner, this.#verifier).file);
  }
}
