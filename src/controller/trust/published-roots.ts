import { canonicalJson, InputError, RefusedError } from '../../base/index.ts';
import {
  type Fields,
  keyIdOf,
  parseEnvelope,
  parseJson,
  type RepositoryName,
  type Root,
  type TrustCrypto,
  TrustedSet,
  type TrustKey,
} from '../../trust/index.ts';

/** The roots of one repository, each signed by the one before; whoever begins with an old one is led to the newest. */
export class PublishedRoots {
  readonly #name: RepositoryName;
  readonly #verifier: TrustCrypto;
  #bytes: readonly Uint8Array[] = [];
  #set: TrustedSet | undefined;

  constructor(name: RepositoryName, verifier: TrustCrypto) {
    this.#name = name;
    this.#verifier = verifier;
  }

  get newest(): Root | undefined {
    return this.#set?.root;
  }

  get newestBytes(): Uint8Array | undefined {
    return this.#bytes.at(-1);
  }

  get all(): readonly Uint8Array[] {
    return this.#bytes;
  }

  /** From 1 on. */
  version(number: number): Uint8Array | undefined {
    return this.#bytes[number - 1];
  }

  /** What is trusted after these are added, in any order; nothing is kept yet. Those that are there already must be the same. */
  with(added: readonly Uint8Array[]): {
    readonly set: TrustedSet | undefined;
    readonly bytes: readonly Uint8Array[];
  } {
    const given = added
      .map((bytes) => ({ bytes, signed: parseEnvelope(bytes, 'A root').signed }))
      .sort((a, b) => Number(a.signed.version) - Number(b.signed.version));
    const bytes = [...this.#bytes];
    // From the beginning, so that one that is refused leaves what is published as it was.
    let set = bytes[0] && new TrustedSet(bytes[0], this.#verifier, this.#name);
    for (const known of bytes.slice(1)) set?.takeRoot(known);
    for (const one of given) {
      const version = Number(one.signed.version);
      const there = bytes[version - 1];
      if (there !== undefined) {
        this.#expectSame(there, one.signed, version);
        continue;
      }
      if (set === undefined) {
        if (version !== 1) throw missingRoot(version);
        set = new TrustedSet(one.bytes, this.#verifier, this.#name);
      } else set.takeRoot(one.bytes);
      bytes.push(one.bytes);
    }
    return { set, bytes };
  }

  keep({ set, bytes }: ReturnType<PublishedRoots['with']>): void {
    this.#set = set;
    this.#bytes = bytes;
  }

  #expectSame(there: Uint8Array, signed: Fields, version: number): void {
    const known = (parseJson(there, 'A root') as { readonly signed: unknown }).signed;
    if (canonicalJson(known) === canonicalJson(signed)) return;
    throw new RefusedError(
      'trust-root-other',
      `Root ${version} of ${this.#name.root} is published already, and it is another one.`,
      'Devices hold the one that is published. Make the next version of it: goshawk keys rotate.',
    );
  }
}

/** RefusedError `trust-online-key` where the root does not let this controller's key sign the role. */
export function expectOnlineKey(
  root: Root,
  roles: readonly string[],
  key: TrustKey,
  verifier: TrustCrypto,
  repository: string,
): void {
  const id = keyIdOf(key, verifier);
  const missing = roles.find((role) => {
    const holders = root.roles.get(role);
    return holders === undefined || holders.threshold !== 1 || !holders.keyIds.includes(id);
  });
  if (missing === undefined) return;
  throw new RefusedError(
    'trust-online-key',
    `The root of ${repository} does not let the key of this controller sign ${missing}.`,
    'Name the key that `goshawk keys online` prints in the root: goshawk keys init --online-key, or goshawk keys rotate.',
  );
}

function missingRoot(version: number): InputError {
  return new InputError(
    'trust-root-missing',
    `You publish root ${version}, but earlier roots are not published.`,
    'Publish the folder as a whole: goshawk keys publish.',
  );
}
