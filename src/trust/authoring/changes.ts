import { InputError } from '../../base/index.ts';
import type { Fields } from '../format/fields.ts';
import { keyIdOf, type TrustCrypto, type TrustKey } from '../format/keys.ts';
import { parseRoot, parseTargets, type Root } from '../format/roles.ts';
import { directorRoot, imageRepository } from './anchor.ts';
import { type Document, newRoot, newTargets, type RoleHolders } from './documents.ts';
import type { RepositoryFile } from './repository-file.ts';
import { signingStatus } from './signing-status.ts';

/** Who signs what the owner signs, and the one key of the controller. */
export interface Holders {
  readonly root: RoleHolders;
  readonly targets: RoleHolders;
  readonly online: TrustKey;
}

/** When it is signed, and for how long. */
export interface Term {
  readonly nowMs: number;
  readonly days: number;
}

const dayMs = 86_400_000;

/** The first roots and targets, without signatures. */
export function newRepository(holders: Holders, term: Term, verifier: TrustCrypto): RepositoryFile {
  expectThreshold('root', holders.root);
  expectThreshold('targets', holders.targets);
  const of = { version: 1, issuedMs: term.nowMs, expiresMs: endOf(term) };
  return {
    ...rootsOf(holders, 1, term, verifier),
    targets: newTargets({ ...of, repository: imageRepository.roles }, {}),
  };
}

/** The next roots, with other holders or for a new term. What waits for signatures is made anew and not counted on. */
export function withHolders(
  file: RepositoryFile,
  change: (now: Holders) => Holders,
  term: Term,
  verifier: TrustCrypto,
): RepositoryFile {
  const now = holdersOf(file);
  const holders = change(now);
  expectNewOnline(file, holders.online, now.online, verifier);
  expectThreshold('root', holders.root);
  expectThreshold('targets', holders.targets);
  const status = signingStatus(file, verifier);
  const drafts = !status[0]!.complete || !status[1]!.complete;
  const kept = drafts ? { image: file.image.slice(0, -1), director: file.director.slice(0, -1) } : file;
  const next = rootsOf(holders, kept.image.length + 1, term, verifier);
  return {
    image: [...kept.image, ...next.image],
    director: [...kept.director, ...next.director],
    targets: file.targets,
  };
}

/** The next targets, with one more or for a new term. A draft is changed in place, and its signatures go. */
export function withTargets(
  file: RepositoryFile,
  change: (targets: Readonly<Record<string, Fields>>) => Readonly<Record<string, Fields>>,
  term: Term,
  verifier: TrustCrypto,
): RepositoryFile {
  const { version } = parseTargets(file.targets.signed);
  // Under the root before too: what was published keeps its version, also when its signers were taken out since.
  const before = { ...file, image: file.image.slice(0, -1) };
  const complete = [file, ...(before.image.length > 0 ? [before] : [])].some(
    (one) => signingStatus(one, verifier)[2]!.complete,
  );
  const of = {
    version: complete ? version + 1 : version,
    issuedMs: term.nowMs,
    expiresMs: endOf(term),
    repository: imageRepository.roles,
  };
  return { ...file, targets: newTargets(of, change(targetsIn(file))) };
}

/** As they stand in the metadata. */
export function targetsIn({ targets }: RepositoryFile): Readonly<Record<string, Fields>> {
  parseTargets(targets.signed);
  return targets.signed.targets as Readonly<Record<string, Fields>>;
}

export function holdersOf({ image }: RepositoryFile): Holders {
  const root = parseRoot(image.at(-1)!.signed);
  const online = holdersIn(root, 'timestamp').keys[0];
  if (online === undefined)
    throw new InputError(
      'trust-form',
      'The root names no key for the timestamp.',
      'Begin with a root of `goshawk keys init`.',
    );
  return { root: holdersIn(root, 'root'), targets: holdersIn(root, 'targets'), online };
}

/** InputError `key-unknown` where no key begins so. */
export function withoutKey(holders: RoleHolders, id: string, verifier: TrustCrypto): RoleHolders {
  const keys = holders.keys.filter((key) => !keyIdOf(key, verifier).startsWith(id));
  return { ...holders, keys };
}

function holdersIn(root: Root, role: string): RoleHolders {
  const { keyIds, threshold } = root.roles.get(role)!;
  return { keys: keyIds.flatMap((id) => root.keys.get(id) ?? []), threshold };
}

function rootsOf(
  { root, targets, online }: Holders,
  version: number,
  term: Term,
  verifier: TrustCrypto,
): { readonly image: readonly Document[]; readonly director: readonly Document[] } {
  const of = { version, issuedMs: term.nowMs, expiresMs: endOf(term) };
  const here = { keys: [online], threshold: 1 };
  const fresh = { snapshot: here, timestamp: here };
  return {
    image: [newRoot({ ...of, repository: imageRepository.root }, { root, targets, ...fresh }, verifier)],
    director: [newRoot({ ...of, repository: directorRoot }, { root, targets: here, ...fresh }, verifier)],
  };
}

function endOf({ nowMs, days }: Term): number {
  return nowMs + days * dayMs;
}

/** What it signed before it was taken out would count again: devices remember the generations of the newest keys alone. */
function expectNewOnline(
  { image }: RepositoryFile,
  online: TrustKey,
  now: TrustKey,
  verifier: TrustCrypto,
): void {
  const [id, before] = [online, now].map((key) => keyIdOf(key, verifier));
  const named = image.flatMap(({ signed }) => parseRoot(signed).roles.get('timestamp')!.keyIds);
  if (id === before || !named.includes(id!)) return;
  throw new InputError(
    'trust-key-again',
    `The key ${id!.slice(0, 12)} was the one of the controller before, and was taken out.`,
    'Give the controller a key that is new: stop it, remove trust/online.key from its data folder, start it, then goshawk keys online.',
  );
}

function expectThreshold(role: string, { keys, threshold }: RoleHolders): void {
  if (threshold >= 1 && threshold <= keys.length) return;
  throw new InputError(
    'trust-threshold',
    `${threshold} of ${keys.length} keys cannot sign ${role}.`,
    'Name more keys, or a smaller --threshold.',
  );
}
