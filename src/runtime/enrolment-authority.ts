import { lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Token } from '../adapters/pkcs11/index.ts';
import {
  authorityExists,
  authorityFiles,
  initAuthority,
  issueOwn,
  type KeyMaker,
  openAuthority,
  renewIntermediate,
} from '../adapters/x509/index.ts';
import { writeFileAtomic } from '../platform/index.ts';
import { intermediateKeys, keepToken, useTokenOf } from './authority-token.ts';
import { revocationFile } from './controller/broker-revocations.ts';
import { useToken } from './token-provider.ts';

export interface AuthorityPlace {
  readonly dir: string;
  /** Where the root's key is, or is put. */
  readonly rootDir?: string;
  readonly name: string;
}

export interface NewAuthorityPlace extends AuthorityPlace {
  /** Keeps the key of the intermediate; default: a file. */
  readonly token?: Token;
}

export interface MadeAuthority {
  readonly root: string;
  readonly rootKey: string;
  /** sha256 of the root, base64url, as claims have it. */
  readonly rootHash: string;
}

/** `goshawk controller ca init`. */
export async function makeAuthority({
  dir,
  rootDir = dir,
  name,
  token,
}: NewAuthorityPlace): Promise<MadeAuthority> {
  if (token !== undefined && !(await authorityExists(dir))) {
    await useToken(token);
    await keepToken(dir, token);
  }
  const keys = await keysOf(dir);
  await initAuthority({ folder: dir, rootFolder: rootDir, name, nowMs: Date.now(), ...keys });
  const { authority } = await openAuthority(dir);
  // A broker that is told of a list does not start without it.
  const nowMs = Date.now();
  const list = await authority.revocationList([], { nowMs, nextMs: nowMs + 30 * 86_400_000 });
  await writeFileAtomic(join(dir, revocationFile), list, { mode: 0o644 });
  await giveToOwnerOf(dirname(resolve(dir)), dir);
  return {
    root: join(dir, authorityFiles.root),
    rootKey: join(rootDir, authorityFiles.rootKey),
    rootHash: authority.rootHash,
  };
}

/** `goshawk controller ca renew`: a new intermediate by the root that was fetched for it. */
export async function renewAuthority({ dir, rootDir = dir, name }: AuthorityPlace): Promise<void> {
  const keys = await keysOf(dir);
  await renewIntermediate({ folder: dir, rootFolder: rootDir, name, nowMs: Date.now(), ...keys });
  await giveToOwnerOf(dir, dir);
}

export interface IssueRequest {
  readonly dir: string;
  readonly as: 'server' | 'client';
  /** The first is the name of the certificate. */
  readonly names: readonly string[];
  readonly days: number;
  readonly out: string;
  /** Of the files, without `.crt` and `.key`. */
  readonly file: string;
}

export interface IssuedFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly notAfterMs: number;
}

/** `goshawk controller ca issue`: a key and a certificate for the broker, or for the controller's own word with it. */
export async function issueCertificate(request: IssueRequest): Promise<IssuedFiles> {
  const { dir, as, names, days, out, file } = request;
  await useTokenOf(dir);
  const { authority } = await openAuthority(dir);
  const { cert, key, notAfterMs } = await issueOwn(authority, {
    ...{ use: as, name: names[0] ?? '', nowMs: Date.now(), days },
    ...(as === 'server' ? { hosts: names } : {}),
  });
  const certFile = join(out, `${file}.crt`);
  const keyFile = join(out, `${file}.key`);
  await writeFileAtomic(keyFile, key, { mode: 0o600 });
  await writeFileAtomic(certFile, cert, { mode: 0o644 });
  return { certFile, keyFile, notAfterMs };
}

async function keysOf(dir: string): Promise<{ readonly keys?: KeyMaker }> {
  const token = await useTokenOf(dir);
  return token === undefined ? {} : { keys: intermediateKeys(token) };
}

/**
 * Gives a folder and the files in it to whom `like` belongs. For commands that root types for a service of another user;
 * anybody else owns what it makes already.
 */
async function giveToOwnerOf(like: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(like);
  const names = await readdir(folder);
  // A link is never followed: the folder's owner may have put it there.
  for (const path of [folder, ...names.map((name) => join(folder, name))]) await lchown(path, uid, gid);
}
