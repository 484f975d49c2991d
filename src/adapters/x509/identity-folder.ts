import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { Identity, IdentityStore } from '../../agent/index.ts';
import { InputError } from '../../base/index.ts';
import { writeFileAtomic } from '../../platform/index.ts';
import { Membership } from '../../protocol/index.ts';
import { FileKeyStore } from './file-key-store.ts';
import { type KeyFile, readText } from './key-file.ts';
import type { KeyMaker } from './key-maker.ts';
import { signingKeyOf } from './signing-key.ts';

/** The key of a device where it lies plain; a sealed one has `sealedSuffix` behind that. */
export const deviceKeyFile = 'device.key';
const files = {
  key: deviceKeyFile,
  certificate: 'device.crt',
  authority: 'ca.crt',
  membership: 'membership.json',
} as const;

/**
 * `identity/` in the agent's data folder: key, certificate, root, and what the controller said. The certificate is written
 * last and read first, so that a power cut leaves a whole identity or none.
 */
export class IdentityFolder implements IdentityStore {
  readonly key: FileKeyStore;
  readonly #folder: string;

  /** `keyFile`: where it does not lie plain; it gets the path of the plain one. */
  constructor(folder: string, keys?: KeyMaker, keyFile?: (plain: string) => KeyFile) {
    this.#folder = folder;
    const path = join(folder, files.key);
    this.key = new FileKeyStore(keyFile?.(path) ?? path, keys);
  }

  async load(): Promise<Identity | undefined> {
    const certificate = await this.#read(files.certificate);
    if (certificate === undefined) return undefined;
    const authority = await this.#read(files.authority);
    const told = await this.#read(files.membership);
    const key = await this.keyPem();
    if (authority === undefined || told === undefined || key === undefined)
      throw this.#damaged('a file is missing');
    const leaf = certificateOf(certificate);
    if (leaf === undefined) throw this.#damaged('device.crt is not a certificate');
    if (!leaf.checkPrivateKey(signingKeyOf(key).key))
      throw this.#damaged('the key is not that of the certificate');
    const { server, membership } = parse(told) ?? {};
    if (typeof server !== 'string') throw this.#damaged('membership.json names no server');
    return {
      ...{ server, certificate, authority },
      notBeforeMs: Date.parse(leaf.validFrom),
      notAfterMs: Date.parse(leaf.validTo),
      ...(Value.Check(Membership, membership) ? { membership } : {}),
    };
  }

  async save({ server, certificate, authority, membership }: Identity): Promise<void> {
    const options = { mode: 0o600, folderMode: 0o700 };
    await writeFileAtomic(join(this.#folder, files.authority), authority, options);
    const told = JSON.stringify({ server, membership }, undefined, 2);
    await writeFileAtomic(join(this.#folder, files.membership), `${told}\n`, options);
    await writeFileAtomic(join(this.#folder, files.certificate), certificate, options);
  }

  /** PEM, for TLS; undefined where there is none yet. */
  keyPem(): Promise<string | undefined> {
    return this.key.read();
  }

  #read(name: string): Promise<string | undefined> {
    return readText(join(this.#folder, name));
  }

  #damaged(cause: string): InputError {
    return new InputError(
      'identity-damaged',
      `${this.#folder} contains no valid identity: ${cause}.`,
      'The agent asks for a new certificate with its claim.',
    );
  }
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parse(text: string): { readonly server?: unknown; readonly membership?: unknown } | undefined {
  try {
    return JSON.parse(text) as { server?: unknown };
  } catch {
    return undefined;
  }
}
