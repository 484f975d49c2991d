import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findProvider, keyReference, providerConfig } from '../../src/adapters/pkcs11/index.ts';
import { newBundleKey, wrapKey } from '../../src/adapters/sealing/index.ts';
import { initAuthority, openAuthority } from '../../src/adapters/x509/index.ts';
import { pemOf } from '../../src/adapters/x509/library.ts';
import { tokenNode } from '../fixtures/soft-token.ts';
import { TpmToken, tpmMissing } from '../fixtures/tpm-token.ts';
import { projectRoot } from './goshawk.ts';

const object = 'goshawk d1';
const bundle = `sha256:${'1'.repeat(64)}`;
const title = `A device’s key in a TPM${tpmMissing === undefined ? '' : ` (skipped: ${tpmMissing})`}`;

describe.skipIf(tpmMissing !== undefined)(title, () => {
  const base = mkdtempSync(join(tmpdir(), 'gtpm-'));
  const open: TpmToken[] = [];
  afterEach(async () => {
    for (const one of open) await one.close();
    rmSync(base, { recursive: true, force: true });
  });

  async function tpm(name: string): Promise<TpmToken> {
    mkdirSync(join(base, name));
    const made = await TpmToken.start(join(base, name), object);
    open.push(made);
    return made;
  }

  /** In a process of its own each time, as after a restart. */
  function run({ token, environment }: TpmToken, ...args: string[]): string {
    const [key, openssl] = [join(base, 'key.pem'), join(base, 'openssl.cnf')];
    writeFileSync(key, keyReference({ token: token.label, object }));
    writeFileSync(openssl, providerConfig(token, findProvider()));
    const program = ['--import', 'tsx', 'test/fixtures/open-with-key.ts', key, ...args];
    return execFileSync(tokenNode ?? '', program, {
      ...{ cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, ...environment, OPENSSL_CONF: openssl },
    });
  }

  it('signs the request for its certificate, and what is encrypted for that is refused in words: it cannot derive', async () => {
    const own = await tpm('a');
    const authority = join(base, 'authority');
    await initAuthority({ folder: authority, name: 'test', nowMs: Date.now() });
    const signer = (await openAuthority(authority)).authority;
    const csr = await signer.read(Buffer.from(run(own, 'request'), 'base64'));
    const days = { notBeforeMs: Date.now() - 86_400_000, notAfterMs: Date.now() + 86_400_000 };
    const certificate = pemOf('CERTIFICATE', (await signer.issue(csr, days)).der);
    const bundleKey = newBundleKey();
    const recipient = wrapKey(bundleKey, certificate, bundle);
    const file = join(base, 'wrapped.json');
    writeFileSync(file, JSON.stringify({ recipient, bundle }));
    // tpm2-pkcs11 1.9 makes a key that may derive, and lists no mechanism for it: OpenSSL's provider then has none.
    expect(() => run(own, 'unwrap', file)).toThrow(/must allow derivation/);
  }, 600_000);
});
