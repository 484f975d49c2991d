import { newKeyFile, nodeTrustCrypto, signerOf } from '../../adapters/crypto/index.ts';
import {
  type Fields,
  type Holders,
  holdersOf,
  keyIdOf,
  newRepository,
  type RepositoryFile,
  signingStatus,
  signWith,
  type TrustKey,
  type TrustSigner,
  targetsIn,
  withHolders,
  withoutKey,
  withTargets,
} from '../../trust/index.ts';

const verifier = nodeTrustCrypto();
const days = 30;

export function newSigner(): TrustSigner {
  return signerOf(newKeyFile('ed25519', undefined).text);
}

/**
 * Owners of a rehearsal: as many keys as the fleet has, with its thresholds and what it has signed, and every key made for
 * this hour. No private key of the fleet is needed, and nothing that is signed here counts anywhere else.
 */
export class StandInOwners {
  file: RepositoryFile;
  /** By id; without those that were lost. */
  readonly #signers = new Map<string, TrustSigner>();

  /** Like the owners of `like`; without it two of three. */
  constructor(online: TrustKey, like?: RepositoryFile) {
    const made = new Map<string, TrustKey>();
    const standIn = (key: TrustKey): TrustKey => {
      const id = keyIdOf(key, verifier);
      const known = made.get(id) ?? this.#make();
      made.set(id, known);
      return known;
    };
    const usual = () => {
      const keys = [this.#make(), this.#make(), this.#make()];
      return { root: { keys, threshold: 2 }, targets: { keys, threshold: 2 } };
    };
    const copy = ({ root, targets }: Holders) => ({
      root: { ...root, keys: root.keys.map(standIn) },
      targets: { ...targets, keys: targets.keys.map(standIn) },
    });
    const holders = like === undefined ? usual() : copy(holdersOf(like));
    this.file = newRepository({ ...holders, online }, this.#term(), verifier);
    if (like !== undefined) this.#targets(targetsIn(like));
    this.sign();
  }

  /** Adds what is signed about a model. */
  setTarget(path: string, target: Fields): void {
    this.#targets({ ...targetsIn(this.file), [path]: target });
    this.sign();
  }

  /** A controller with another key takes the place of the one before. */
  rotateOnline(online: TrustKey): void {
    this.#holders((holders) => ({ ...holders, online }));
    this.sign();
  }

  /** InputError `trust-threshold` where those that are left are too few. */
  revokeOne(): void {
    const [id] = [...this.#signers.keys()];
    this.#signers.delete(id!);
    this.#holders(({ root, targets, online }) => ({
      root: withoutKey(root, id!, verifier),
      targets: withoutKey(targets, id!, verifier),
      online,
    }));
    this.#targets(targetsIn(this.file));
    this.sign();
  }

  /** By all that still have their key, until it is enough. */
  sign(): void {
    for (const signer of this.#signers.values()) {
      if (signingStatus(this.file, verifier).every(({ complete }) => complete)) return;
      this.file = signWith(this.file, signer, verifier).file;
    }
  }

  #make(): TrustKey {
    const signer = newSigner();
    this.#signers.set(keyIdOf(signer.key, verifier), signer);
    return signer.key;
  }

  #holders(change: (now: Holders) => Holders): void {
    this.file = withHolders(this.file, change, this.#term(), verifier);
  }

  #targets(targets: Readonly<Record<string, Fields>>): void {
    this.file = withTargets(this.file, () => targets, this.#term(), verifier);
  }

  #term() {
    return { nowMs: Date.now(), days };
  }
}
