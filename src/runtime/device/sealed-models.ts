import type { PlanSeal } from '../../../device/native/index.ts';
import { readEnvelope } from '../../adapters/filesystem/index.ts';
import {
  digestAndSeal,
  openSealed,
  planKeyOf,
  publicKeyDigest,
  unwrapKey,
} from '../../adapters/sealing/index.ts';
import { CancelledError, MissingError } from '../../base/index.ts';
import { type Bundle, type BundleFile, chooseVariant, type PlainPlan } from '../../model/index.ts';
import { recipientOf } from '../../trust/index.ts';

/** Certificate or private key of this device, PEM; undefined while it has none. */
export type DeviceKey = () => string | undefined;

/** Port: memory for what is plain. */
export interface PlainMemory {
  allocate(size: number): Uint8Array;
  /** Keeps a file in memory out of swap until what this gives back is called. */
  keep(file: number): () => void;
  /** Another copy of what is plain may be swapped: why. */
  noteExposed?(lockProblem: string): void;
}

const ordinaryMemory: PlainMemory = { allocate: (size) => new Uint8Array(size), keep: () => () => {} };

/**
 * Opens what is encrypted for this device, in memory alone.
 *
 * INVARIANT: a plain file is kept from its check until an engine takes it, or another is checked; not longer.
 */
export class SealedModels {
  readonly #key: DeviceKey;
  readonly #allocate: (size: number) => Uint8Array;
  readonly #keep: PlainMemory['keep'];
  /** A copy that an engine got may be swapped: why. */
  readonly noteExposed: (lockProblem: string) => void;
  #kept: { readonly digest: string; readonly bytes: Uint8Array } | undefined;

  constructor(key: DeviceKey, memory: PlainMemory = ordinaryMemory) {
    this.#key = key;
    this.#allocate = (size) => memory.allocate(size);
    this.#keep = (file) => memory.keep(file);
    this.noteExposed = (lockProblem) => memory.noteExposed?.(lockProblem);
  }

  /** Digest of this device's public key. */
  get publicKey(): string | undefined {
    const key = this.#key();
    return key === undefined || key === '' ? undefined : publicKeyDigest(key);
  }

  /** Opens every variant once, so that a false file or a missing key is known before an engine is made. */
  async check(bundle: Bundle, progress: (done: number) => void, signal: AbortSignal): Promise<void> {
    const files = bundle.manifest.variants
      .map(({ file }) => file)
      .filter(({ digest }) => isSealed(bundle, digest));
    const first = chooseVariant(bundle.manifest, 'onnxruntime').variant.file.digest;
    // The one that an engine most likely takes comes last, and is kept for it.
    files.sort((a, b) => Number(a.digest === first) - Number(b.digest === first));
    for (const [index, file] of files.entries()) {
      progress(index / files.length);
      if (signal.aborted) throw new CancelledError('Decrypting the model');
      this.#kept = undefined;
      const bytes = await this.#open(bundle, file);
      this.#kept = { digest: file.digest, bytes };
    }
    progress(1);
  }

  /** The plain bytes of a file, or undefined where it lies as it is. */
  async plain(bundle: Bundle, file: BundleFile): Promise<Uint8Array | undefined> {
    if (!isSealed(bundle, file.digest)) return undefined;
    const kept = this.#kept;
    this.#kept = undefined;
    return kept?.digest === file.digest ? kept.bytes : this.#open(bundle, file);
  }

  /** Its plans are encrypted like the network: whoever opens the one opens the other. Undefined where that is plain. */
  planSeal(bundle: Bundle, file: BundleFile): PlanSeal | undefined {
    if (!isSealed(bundle, file.digest)) return undefined;
    const withKey = <T>(work: (key: Uint8Array) => Promise<T>) =>
      this.#withKey(bundle, async (bundleKey) => {
        const key = planKeyOf(bundleKey, file.digest);
        return work(key).finally(() => key.fill(0));
      });
    return {
      check: () => {
        // An engine with a plan takes no network.
        this.#kept = undefined;
        return withKey(async () => {});
      },
      network: () => this.#open(bundle, file),
      keep: this.#keep,
      seal: (from, target) =>
        withKey(async (key) => {
          const { digest, size } = await digestAndSeal(from, target, key, this.#allocate);
          return { sha256: digest.slice('sha256:'.length), size };
        }),
      open: (path, plain) => withKey((key) => openSealed(path, planFile(plain), key, this.#allocate)),
    };
  }

  #open(bundle: Bundle, file: BundleFile): Promise<Uint8Array> {
    const path = bundle.sealed?.get(file.digest) ?? '';
    return this.#withKey(bundle, (key) => openSealed(path, file, key, this.#allocate));
  }

  async #withKey<T>(bundle: Bundle, work: (bundleKey: Uint8Array) => Promise<T>): Promise<T> {
    const envelope = await readEnvelope(bundle.location);
    const key = this.#key();
    if (envelope === undefined || key === undefined || key === '') {
      throw new MissingError(
        'sealed-no-key',
        `The model ${bundle.manifest.name} ${bundle.manifest.version} is encrypted, and this device has no key yet.`,
        'Let the device enrol; encrypted models need its certificate.',
      );
    }
    const recipient = recipientOf(envelope, publicKeyDigest(key));
    const bundleKey = unwrapKey(recipient, key, bundle.digest);
    try {
      return await work(bundleKey);
    } finally {
      bundleKey.fill(0);
    }
  }
}

function planFile({ sha256, size }: PlainPlan) {
  return { digest: `sha256:${sha256}`, size };
}

function isSealed(bundle: Bundle, digest: string): boolean {
  return bundle.sealed?.has(digest) === true;
}
