import {
  type Document,
  documentBytes,
  type Fields,
  metaOf,
  newSnapshot,
  newTargets,
  newTimestamp,
  type TrustCrypto,
  type TrustSigner,
  withSignature,
} from '../../trust/index.ts';

/** What the controller signs is good for so long; what is older than an hour is signed anew when it is asked for. */
export const onlineLifeMs = 7 * 86_400_000;
export const renewAfterMs = 3_600_000;
/** Sets of metadata that are still answered: who has read the timestamp of one wants the rest of it. */
const keptSets = 3;

export interface OnlineKey {
  readonly signer: TrustSigner;
  readonly verifier: Pick<TrustCrypto, 'digest'>;
}

interface MadeSet {
  readonly madeMs: number;
  readonly subject: string;
  readonly timestamp: Uint8Array;
  /** By published name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What is to be published: targets that were signed elsewhere, or what is to be signed here. */
export type Content =
  | { readonly version: number; readonly bytes: Uint8Array }
  | { readonly targets: Readonly<Record<string, Fields>> };

/** Snapshot and timestamp of one repository, and its targets where they are signed online too; made when they are asked for. */
export class OnlineRepository {
  readonly #name: string;
  readonly #key: OnlineKey;
  readonly #nextVersion: (nowMs: number) => number;
  #sets: MadeSet[] = [];

  constructor(name: string, key: OnlineKey, nextVersion: (nowMs: number) => number) {
    this.#name = name;
    this.#key = key;
    this.#nextVersion = nextVersion;
  }

  /** `subject`: the same text for the same content. `custom`: what the timestamp vouches for. */
  timestamp(subject: string, content: () => Content, nowMs: number, custom?: Fields): Uint8Array {
    const [newest] = this.#sets;
    const ageMs = newest === undefined ? Number.POSITIVE_INFINITY : nowMs - newest.madeMs;
    if (newest !== undefined && newest.subject === subject && ageMs >= 0 && ageMs < renewAfterMs)
      return newest.timestamp;
    const made = this.#make(subject, content(), nowMs, custom);
    this.#sets = [made, ...this.#sets].slice(0, keptSets);
    return made.timestamp;
  }

  /** The newest timestamp of this content, however old. */
  kept(subject: string): Uint8Array | undefined {
    return this.#sets.find((set) => set.subject === subject)?.timestamp;
  }

  file(name: string): Uint8Array | undefined {
    return this.#sets.flatMap(({ files }) => files.get(name) ?? [])[0];
  }

  #make(subject: string, content: Content, nowMs: number, custom: Fields | undefined): MadeSet {
    const { verifier } = this.#key;
    const version = this.#nextVersion(nowMs);
    const of = { version, expiresMs: nowMs + onlineLifeMs, repository: this.#name };
    const targets =
      'bytes' in content ? content : { version, bytes: this.#sign(newTargets(of, content.targets)) };
    const snapshot = this.#sign(
      newSnapshot(of, { 'targets.json': metaOf(targets.version, targets.bytes, verifier) }),
    );
    const timestamp = this.#sign(
      newTimestamp({ ...of, issuedMs: nowMs }, metaOf(version, snapshot, verifier), custom),
    );
    const files = new Map([
      [`${version}.snapshot.json`, snapshot],
      [`${targets.version}.targets.json`, targets.bytes],
    ]);
    return { madeMs: nowMs, subject, timestamp, files };
  }

  #sign(document: Document): Uint8Array {
    return documentBytes(withSignature(document, this.#key.signer, this.#key.verifier));
  }
}
