import { defined, fromHex, InputError } from '../../base/index.ts';
import type { RoleKeys } from './envelope.ts';
import { FieldReader, type Fields } from './fields.ts';
import type { TrustKey } from './keys.ts';
import { parseTimeMs } from './time.ts';

export type RoleType = 'root' | 'timestamp' | 'snapshot' | 'targets';
const topRoles: readonly RoleType[] = ['root', 'timestamp', 'snapshot', 'targets'];

export interface RoleFields {
  readonly version: number;
  /** The metadata is fresh before this time. */
  readonly expiresMs: number;
  /** When it was signed, where its signer says so; TUF itself does not. */
  readonly issuedMs?: number;
  /** Of which repository it is, where it says so: one key may sign for several. */
  readonly repository?: string;
}

export interface Root extends RoleFields {
  readonly keys: ReadonlyMap<string, TrustKey>;
  readonly roles: ReadonlyMap<string, RoleKeys>;
  readonly consistentSnapshot: boolean;
}

/** What one file of metadata says of another. */
export interface FileFacts {
  readonly length?: number;
  /** Empty: nothing is said. */
  readonly hashes: ReadonlyMap<string, string>;
}

export interface MetaFile extends FileFacts {
  readonly version: number;
}

export interface Timestamp extends RoleFields {
  readonly snapshot: MetaFile;
  /** What the signer of the timestamp vouches for beside that, unread. */
  readonly custom?: Fields;
}

export interface Snapshot extends RoleFields {
  /** By file name, as `targets.json`. */
  readonly meta: ReadonlyMap<string, MetaFile>;
}

export interface TargetFile extends FileFacts {
  readonly length: number;
  readonly custom?: Fields;
}

export interface Delegation extends RoleKeys {
  readonly name: string;
  readonly terminating: boolean;
  readonly paths: readonly string[];
  readonly pathHashPrefixes: readonly string[];
}

export interface Targets extends RoleFields {
  readonly targets: ReadonlyMap<string, TargetFile>;
  readonly keys: ReadonlyMap<string, TrustKey>;
  readonly delegations: readonly Delegation[];
}

const mostKeys = 1024;

export function parseRoot(signed: Fields, what = 'The root'): Root {
  const read = new FieldReader(what);
  const roles = read.map(signed.roles, 'roles', (value, name) =>
    roleKeys(read, read.object(value, name), name),
  );
  for (const role of topRoles) if (!roles.has(role)) throw read.wrong(`roles.${role}`, 'there');
  return {
    ...common(read, signed, 'root'),
    keys: keysOf(read, signed.keys, 'keys'),
    roles,
    consistentSnapshot: read.flag(signed.consistent_snapshot ?? true, 'consistent_snapshot'),
  };
}

export function parseTimestamp(signed: Fields, what = 'The timestamp'): Timestamp {
  const read = new FieldReader(what);
  const meta = read.map(signed.meta, 'meta', (value, name) => metaFile(read, value, name));
  const snapshot = meta.get('snapshot.json');
  if (snapshot === undefined) throw read.wrong('meta.snapshot.json', 'there');
  const { custom } = signed;
  return {
    ...common(read, signed, 'timestamp'),
    snapshot,
    ...(custom === undefined ? {} : { custom: read.object(custom, 'custom') }),
  };
}

export function parseSnapshot(signed: Fields, what = 'The snapshot'): Snapshot {
  const read = new FieldReader(what);
  return {
    ...common(read, signed, 'snapshot'),
    meta: read.map(signed.meta, 'meta', (value, name) => metaFile(read, value, name)),
  };
}

export function parseTargets(signed: Fields, what = 'The targets'): Targets {
  const read = new FieldReader(what);
  const given = signed.delegations === undefined ? {} : read.object(signed.delegations, 'delegations');
  const roles = given.roles === undefined ? [] : read.list(given.roles, 'delegations.roles');
  return {
    ...common(read, signed, 'targets'),
    targets: read.map(signed.targets, 'targets', (value, name) => targetFile(read, value, name)),
    keys: given.keys === undefined ? new Map() : keysOf(read, given.keys, 'delegations.keys'),
    delegations: roles.map((value, at) => delegation(read, value, `delegations.roles.${at}`)),
  };
}

function common(read: FieldReader, signed: Fields, type: RoleType): RoleFields {
  if (signed._type !== type) throw read.wrong('_type', `"${type}"`);
  const spec = read.text(signed.spec_version, 'spec_version');
  if (!/^1(\.\d{1,6}){0,2}$/.test(spec)) throw read.wrong('spec_version', '1.0, or another version 1');
  const expiresMs = parseTimeMs(read.text(signed.expires, 'expires'));
  if (expiresMs === undefined) throw read.wrong('expires', 'a time as 2030-01-31T00:00:00Z');
  const { repository, issued } = signed;
  const issuedMs = typeof issued === 'string' ? parseTimeMs(issued) : undefined;
  return {
    version: read.count(signed.version, 'version', 1),
    expiresMs,
    ...defined({ issuedMs }),
    ...(repository === undefined ? {} : { repository: read.text(repository, 'repository') }),
  };
}

function roleKeys(read: FieldReader, fields: Fields, name: string): RoleKeys {
  const keyIds = read
    .list(fields.keyids, `${name}.keyids`)
    .map((id, at) => read.text(id, `${name}.keyids.${at}`));
  if (new Set(keyIds).size !== keyIds.length) throw read.wrong(`${name}.keyids`, 'different ids');
  return { keyIds, threshold: read.count(fields.threshold, `${name}.threshold`, 1) };
}

function keysOf(read: FieldReader, value: unknown, name: string): Map<string, TrustKey> {
  const keys = read.map(value, name, (field, at) => {
    const { keytype, scheme, keyval } = read.object(field, at);
    return {
      keytype: read.text(keytype, `${at}.keytype`),
      scheme: read.text(scheme, `${at}.scheme`),
      keyval: { public: read.text(read.object(keyval, `${at}.keyval`).public, `${at}.keyval.public`) },
    };
  });
  if (keys.size > mostKeys) throw read.wrong(name, `at most ${mostKeys} keys`);
  return keys;
}

function metaFile(read: FieldReader, value: unknown, name: string): MetaFile {
  const fields = read.object(value, name);
  return { version: read.count(fields.version, `${name}.version`, 1), ...fileFacts(read, fields, name) };
}

function targetFile(read: FieldReader, value: unknown, name: string): TargetFile {
  const fields = read.object(value, name);
  const facts = fileFacts(read, fields, name);
  const { custom } = fields;
  if (facts.hashes.size === 0) throw read.wrong(`${name}.hashes`, 'there');
  return {
    ...facts,
    length: read.count(fields.length, `${name}.length`, 0),
    ...(custom === undefined ? {} : { custom: read.object(custom, `${name}.custom`) }),
  };
}

function fileFacts(read: FieldReader, { length, hashes }: Fields, name: string): FileFacts {
  return {
    hashes:
      hashes === undefined
        ? new Map<string, string>()
        : read.map(hashes, `${name}.hashes`, (hash, at) => hex(read, hash, at)),
    ...(length === undefined ? {} : { length: read.count(length, `${name}.length`, 0) }),
  };
}

function hex(read: FieldReader, value: unknown, name: string): string {
  const text = read.text(value, name);
  if (text === '' || fromHex(text) === undefined) throw read.wrong(name, 'hex');
  return text.toLowerCase();
}

function delegation(read: FieldReader, value: unknown, at: string): Delegation {
  const fields = read.object(value, at);
  const texts = (list: unknown, name: string) =>
    list === undefined ? [] : read.list(list, name).map((text) => read.text(text, name));
  const name = read.text(fields.name, `${at}.name`);
  if (name === '' || (topRoles as readonly string[]).includes(name))
    throw new InputError(
      'trust-form',
      `${at} delegates to a role that must not be delegated: ${name}.`,
      'Give the delegated role another name.',
    );
  return {
    ...roleKeys(read, fields, at),
    name,
    terminating: read.flag(fields.terminating ?? false, `${at}.terminating`),
    paths: texts(fields.paths, `${at}.paths`),
    pathHashPrefixes: texts(fields.path_hash_prefixes, `${at}.path_hash_prefixes`),
  };
}
