import { readFile } from 'node:fs/promises';
import { nodeTrustCrypto } from '../../adapters/crypto/index.ts';
import { readNamedFile, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { InputError, LimitError } from '../../base/index.ts';
import {
  anchorBytes,
  documentBytes,
  type Fields,
  type Holders,
  holdersOf,
  keyIdOf,
  maxRepositoryBytes,
  newRepository,
  parseRepositoryFile,
  type RepositoryFile,
  repositoryFileBytes,
  type Signing,
  signingStatus,
  signWith,
  type TrustKey,
  targetsIn,
  timeText,
  withHolders,
  withoutKey,
  withTargets,
} from '../../trust/index.ts';
import { type KeyAccess, openKey, readPublicKey } from './key-files.ts';

const verifier = nodeTrustCrypto();

export interface RepositoryView {
  readonly documents: readonly Signing[];
  readonly keys: readonly {
    readonly id: string;
    readonly scheme: string;
    readonly roles: readonly string[];
  }[];
  readonly models: readonly { readonly path: string; readonly signed: Fields }[];
}

export interface InitRepository {
  readonly file: string;
  readonly rootKeys: readonly string[];
  readonly targetsKeys: readonly string[];
  readonly onlineKey: string;
  readonly threshold: number;
  readonly days: number;
}

/** The first roots and targets, which nobody has signed yet. */
export async function initRepository(options: InitRepository): Promise<RepositoryView> {
  const { file, threshold, days } = options;
  await expectAbsent(file);
  const keys = async (files: readonly string[]) => Promise.all(files.map(readPublicKey));
  const root = { keys: await keys(options.rootKeys), threshold };
  const targets =
    options.targetsKeys.length === 0 ? root : { keys: await keys(options.targetsKeys), threshold };
  const online = await readPublicKey(options.onlineKey);
  return write(file, newRepository({ root, targets, online }, { nowMs: Date.now(), days }, verifier));
}

export async function showRepository(file: string): Promise<RepositoryView> {
  return viewOf(await read(file));
}

/** Adds the signatures of one key. */
export async function signRepository(
  file: string,
  access: KeyAccess,
): Promise<RepositoryView & { readonly signed: readonly string[] }> {
  const before = await read(file);
  expectNotAhead(before);
  const { file: next, signed } = signWith(before, await openKey(access), verifier);
  return { ...(await write(file, next)), signed };
}

export interface RotateKeys {
  readonly file: string;
  readonly role: 'root' | 'targets' | 'online';
  readonly add: readonly string[];
  /** Beginnings of key ids. */
  readonly remove: readonly string[];
  readonly threshold?: number;
  readonly days: number;
}

/** The next roots, with other keys; the ones before have to sign them too. */
export async function rotateKeys({
  file,
  role,
  add,
  remove,
  threshold,
  days,
}: RotateKeys): Promise<RepositoryView> {
  const added = await Promise.all(add.map(readPublicKey));
  const before = await read(file);
  const changed = (now: Holders): Holders => {
    if (role === 'online') return { ...now, online: added[0] ?? now.online };
    const kept = remove.reduce((holders, id) => withoutKey(expectKey(holders, id), id, verifier), now[role]);
    const keys = [...kept.keys, ...added];
    return { ...now, [role]: { keys, threshold: threshold ?? kept.threshold } };
  };
  return write(file, withHolders(before, changed, { nowMs: Date.now(), days }, verifier));
}

/** A key that was lost or stolen leaves every role of the owner. */
export async function revokeKey(file: string, id: string, days: number): Promise<RepositoryView> {
  const before = await read(file);
  const { root, targets } = holdersOf(before);
  expectKey({ keys: [...root.keys, ...targets.keys] }, id);
  const changed = (now: Holders): Holders => ({
    ...now,
    root: withoutKey(now.root, id, verifier),
    targets: withoutKey(now.targets, id, verifier),
  });
  const term = { nowMs: Date.now(), days };
  // What the key has signed counts no more, so the targets are signed anew.
  const roots = withHolders(before, changed, term, verifier);
  return write(
    file,
    withTargets(roots, (same) => same, term, verifier),
  );
}

/** Roots and targets for a new term. */
export async function renewRepository(file: string, days: number): Promise<RepositoryView> {
  const term = { nowMs: Date.now(), days };
  const roots = withHolders(await read(file), (same) => same, term, verifier);
  return write(
    file,
    withTargets(roots, (same) => same, term, verifier),
  );
}

/** Adds or replaces what is signed about a version of a model. */
export async function setTarget(
  file: string,
  path: string,
  target: (before: Readonly<Record<string, Fields>>) => Fields,
  days: number,
  access: KeyAccess | undefined,
): Promise<RepositoryView> {
  const before = await read(file);
  const term = { nowMs: Date.now(), days };
  const next = withTargets(
    before,
    (targets) => ({ ...targets, [path]: target(targetsIn(before)) }),
    term,
    verifier,
  );
  const signed = access === undefined ? next : signWith(next, await openKey(access), verifier).file;
  return write(file, signed);
}

/** The roots as devices are flashed with them. */
export async function writeAnchor(file: string, out: string): Promise<void> {
  const { image, director, targets } = expectComplete(await read(file));
  const bytes = anchorBytes({
    image: documentBytes(image.at(-1)!),
    director: documentBytes(director.at(-1)!),
    targets: documentBytes(targets),
  });
  await writeFileAtomic(out, bytes, { mode: 0o644 });
}

/** What `goshawk keys publish` sends. InputError `trust-incomplete` while signatures are missing. */
export async function publication(file: string): Promise<Uint8Array> {
  return repositoryFileBytes(expectComplete(await read(file)));
}

/** What the controller has published; the file must not be there, or hold nothing that is newer. */
export async function takePublished(file: string, bytes: Uint8Array): Promise<RepositoryView> {
  return write(file, parseRepositoryFile(bytes));
}

function expectComplete(file: RepositoryFile): RepositoryFile {
  const missing = signingStatus(file, verifier).find(({ complete }) => !complete);
  if (missing === undefined) return file;
  const { signed, threshold } = missing.needs.find((need) => need.signed < need.threshold)!;
  throw new InputError(
    'trust-incomplete',
    `The ${missing.what} ${missing.version} has ${signed} of the ${threshold} signatures that it needs.`,
    'Have the others sign: goshawk keys sign; goshawk keys show says whose are missing.',
  );
}

function expectKey<T extends { readonly keys: readonly TrustKey[] }>(holders: T, id: string): T {
  const found = holders.keys.filter((key) => keyIdOf(key, verifier).startsWith(id));
  if (id.length >= 6 && found.length > 0) return holders;
  throw new InputError(
    'key-unknown',
    `No key ${id} is there.`,
    'Give six or more digits of its id: goshawk keys show.',
  );
}

async function read(file: string): Promise<RepositoryFile> {
  const make = 'Check the path, or make it: goshawk keys init, or goshawk keys fetch.';
  const bytes = await readNamedFile(file, 'read the trust file', make);
  if (bytes.byteLength > maxRepositoryBytes)
    throw new LimitError(
      'trust-too-long',
      `${file} has more than ${maxRepositoryBytes} bytes.`,
      'Check that this is the right file.',
    );
  return parseRepositoryFile(bytes);
}

async function write(path: string, file: RepositoryFile): Promise<RepositoryView> {
  await writeFileAtomic(path, repositoryFileBytes(file), { mode: 0o644 });
  return viewOf(file);
}

function viewOf(file: RepositoryFile): RepositoryView {
  const { root, targets, online } = holdersOf(file);
  const roles = new Map<string, { scheme: string; roles: string[] }>();
  const note = (role: string, keys: readonly TrustKey[]) => {
    for (const key of keys) {
      const id = keyIdOf(key, verifier);
      const known = roles.get(id) ?? { scheme: key.scheme, roles: [] };
      roles.set(id, { ...known, roles: [...known.roles, role] });
    }
  };
  note('root', root.keys);
  note('targets', targets.keys);
  note('online', [online]);
  return {
    documents: signingStatus(file, verifier),
    keys: [...roles].map(([id, one]) => ({ id, ...one })),
    models: Object.entries(targetsIn(file)).map(([path, signed]) => ({ path, signed })),
  };
}

/** A day: no two clocks are the same. */
const aheadMs = 86_400_000;

/** Devices believe what enough owners signed, also of the time: so each of them looks at his own clock. */
function expectNotAhead(file: RepositoryFile): void {
  const nowMs = Date.now();
  const early = signingStatus(file, verifier).find(
    ({ complete, issuedMs }) => !complete && issuedMs > nowMs + aheadMs,
  );
  if (early === undefined) return;
  throw new InputError(
    'trust-made-ahead',
    `${early.what} ${early.version} says that it was made at ${timeText(early.issuedMs)}; by the clock of this machine it is ${timeText(nowMs)}.`,
    'Devices would accept that time. Correct the clock that is wrong. If it was the clock of the signer, sign it again there: goshawk keys renew.',
  );
}

async function expectAbsent(file: string): Promise<void> {
  const there = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new InputError(
    'trust-file-there',
    `${file} exists already.`,
    'Change its keys with goshawk keys rotate, or start again under another name.',
  );
}
