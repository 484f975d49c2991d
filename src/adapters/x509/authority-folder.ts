import { X509Certificate } from 'node:crypto';
import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asGoshawkError, InputError, RefusedError } from '../../base/index.ts';
import { systemCode, writeFileAtomic } from '../../platform/index.ts';
import { fileKeys, type KeyMaker } from './key-maker.ts';
import { derOf, newSerial, pemOf } from './library.ts';
import { LocalAuthority, type Signer } from './local-authority.ts';
import { sign, validityOf } from './signer.ts';
import { publicKeyOf, type SigningKey, signingKeyOf } from './signing-key.ts';

const year = 365.25 * 86_400_000;
const hour = 3_600_000;
const rootYears = 20;
const intermediateYears = 10;

export const authorityFiles = {
  root: 'root.crt',
  rootKey: 'root.key',
  intermediate: 'intermediate.crt',
  intermediateKey: 'intermediate.key',
} as const;

export interface NewAuthority {
  readonly folder: string;
  /** Where the root's key is put: on a medium that leaves the machine. Default: the folder. */
  readonly rootFolder?: string;
  /** Of the fleet, in the names of both certificates. */
  readonly name: string;
  readonly nowMs: number;
  /** Of the intermediate's key; default: a file. The root's is one always, for it goes elsewhere. */
  readonly keys?: KeyMaker;
}

/** Makes root and intermediate. RefusedError `authority-exists` where there is one: devices trust it. */
export async function initAuthority(wanted: NewAuthority): Promise<void> {
  const { folder, rootFolder = folder, name, nowMs, keys = fileKeys } = wanted;
  if (await exists(join(folder, authorityFiles.intermediate)))
    throw new RefusedError(
      'authority-exists',
      `A certificate authority exists in ${folder} already; devices trust it.`,
      'Keep it. A new fleet takes another folder.',
    );
  const rootPem = await fileKeys.make();
  const rootKey = signingKeyOf(rootPem);
  const root = await sign(
    {
      use: 'authority',
      name: `${name} root`,
      publicKey: publicKeyOf(rootKey),
      notBeforeMs: nowMs - hour,
      notAfterMs: nowMs + rootYears * year,
    },
    { key: rootKey },
  );
  await write(join(rootFolder, authorityFiles.rootKey), rootPem, 0o600);
  if (rootFolder !== folder)
    await write(join(rootFolder, authorityFiles.root), pemOf('CERTIFICATE', root), 0o644);
  await write(join(folder, authorityFiles.root), pemOf('CERTIFICATE', root), 0o644);
  await writeIntermediate(folder, { name, nowMs, root, rootKey, keys });
}

/** A new intermediate by a root that was fetched from where it is kept: before the old one ends, or after it was stolen. */
export async function renewIntermediate(
  wanted: NewAuthority & { readonly rootFolder: string },
): Promise<void> {
  const { folder, rootFolder, name, nowMs, keys = fileKeys } = wanted;
  const [root] = derOf('CERTIFICATE', await readPem(join(rootFolder, authorityFiles.root)));
  const [known] = derOf('CERTIFICATE', await readPem(join(folder, authorityFiles.root)));
  if (root === undefined || known === undefined || Buffer.compare(root, known) !== 0)
    throw new InputError(
      'authority-other-root',
      `The root in ${rootFolder} is not the one in ${folder}.`,
      'Devices trust the root that they were enrolled with: fetch that one.',
    );
  const rootKey = signingKeyOf(await readPem(join(rootFolder, authorityFiles.rootKey)));
  await setAside(folder);
  await writeIntermediate(folder, { name, nowMs, root, rootKey, keys });
}

/** The old one signs nothing new. It still says which of its certificates were revoked, as long as devices have some. */
async function setAside(folder: string): Promise<void> {
  const number = (await formerOnes(folder)).length + 1;
  for (const [name, mode] of [
    [authorityFiles.intermediateKey, 0o600],
    [authorityFiles.intermediate, 0o644],
  ] as const)
    await write(join(folder, formerName(name, number)), await readPem(join(folder, name)), mode);
}

function formerName(name: string, number: number): string {
  return name.replace('.', `-${number}.`);
}

/** Intermediates before the present one that have not ended. */
async function formerOnes(folder: string): Promise<Signer[]> {
  const signers: Signer[] = [];
  for (let number = 1; ; number += 1) {
    const file = join(folder, formerName(authorityFiles.intermediate, number));
    if (!(await exists(file))) return signers;
    const [certificate] = derOf('CERTIFICATE', await readPem(file));
    const key = await readPem(join(folder, formerName(authorityFiles.intermediateKey, number)));
    if (certificate !== undefined) signers.push({ certificate, key: signingKeyOf(key) });
  }
}

async function writeIntermediate(
  folder: string,
  by: { name: string; nowMs: number; root: Uint8Array; rootKey: SigningKey; keys: KeyMaker },
): Promise<void> {
  const pem = await by.keys.make();
  const intermediate = await sign(
    {
      use: 'signing-authority',
      // Each has a name of its own: by it a list of revoked certificates is found.
      name: `${by.name} devices ${newSerial().slice(0, 8)}`,
      publicKey: publicKeyOf(signingKeyOf(pem)),
      notBeforeMs: by.nowMs - hour,
      notAfterMs: Math.min(by.nowMs + intermediateYears * year, validityOf(by.root).notAfterMs),
    },
    { certificate: by.root, key: by.rootKey },
  );
  await write(join(folder, authorityFiles.intermediateKey), pem, 0o600);
  // Last: where it is, the authority is whole.
  await write(join(folder, authorityFiles.intermediate), pemOf('CERTIFICATE', intermediate), 0o644);
}

export interface OpenedAuthority {
  readonly authority: LocalAuthority;
  /** The root's key is stored beside it, where an intruder finds it. */
  readonly rootKeyHere: boolean;
}

/** MissingError or InputError where it is not whole. */
export async function openAuthority(folder: string): Promise<OpenedAuthority> {
  const [root] = derOf('CERTIFICATE', await readPem(join(folder, authorityFiles.root)));
  const [intermediate] = derOf('CERTIFICATE', await readPem(join(folder, authorityFiles.intermediate)));
  const keyPath = join(folder, authorityFiles.intermediateKey);
  const pem = await readPem(keyPath);
  if (root === undefined || intermediate === undefined) throw damaged(folder, 'a certificate is not PEM');
  if (((await stat(keyPath)).mode & 0o077) !== 0)
    throw new RefusedError(
      'authority-key-open',
      `${keyPath} can be read by others than its user.`,
      `chmod 600 ${keyPath}; where others could log in, make a new intermediate.`,
    );
  const certificate = new X509Certificate(intermediate);
  const key = signingKeyOf(pem);
  if (!certificate.verify(new X509Certificate(root).publicKey))
    throw damaged(folder, 'the intermediate was not signed by the root');
  if (!certificate.checkPrivateKey(key.key)) throw damaged(folder, 'the key is not that of the intermediate');
  const authority = new LocalAuthority({
    ...{ root, intermediate, key },
    former: await formerOnes(folder),
  });
  return { authority, rootKeyHere: await exists(join(folder, authorityFiles.rootKey)) };
}

export async function authorityExists(folder: string): Promise<boolean> {
  return exists(join(folder, authorityFiles.intermediate));
}

function write(path: string, text: string, mode: number): Promise<void> {
  return writeFileAtomic(path, text, { mode, folderMode: 0o700 });
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const remedy =
      systemCode(error) === 'ENOENT'
        ? 'Make the authority: goshawk controller ca init.'
        : 'Let the controller alone read it.';
    throw asGoshawkError(error, 'authority-missing', remedy);
  }
}

function damaged(folder: string, cause: string): InputError {
  return new InputError(
    'authority-damaged',
    `The certificate authority in ${folder} can't be used: ${cause}.`,
    'Restore the folder from a copy, or make a new intermediate with the root: goshawk controller ca renew.',
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
