import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FileKeyStore,
  initAuthority,
  type LocalAuthority,
  openAuthority,
  renewIntermediate,
} from '../../../../src/adapters/x509/index.ts';
import { pemOf } from '../../../../src/adapters/x509/library.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const nowMs = Date.now();
const day = 86_400_000;
const opensslMissing = spawnSync('openssl', ['version']).error !== undefined;

async function made() {
  const [folder, rootFolder] = [temporaryFolder(), temporaryFolder()];
  await initAuthority({ folder, rootFolder, name: 'test', nowMs });
  return { folder, rootFolder };
}

/** A certificate of a new key; with what signed it, as a device shows both. */
async function issued(authority: LocalAuthority, device: string) {
  const csr = await new FileKeyStore(join(temporaryFolder(), 'key')).request({ device });
  const terms = { notBeforeMs: nowMs - day, notAfterMs: nowMs + day };
  const { der, serial } = await authority.issue(await authority.read(csr), terms);
  return { serial, pem: pemOf('CERTIFICATE', der), signer: pemOf('CERTIFICATE', authority.chain[0] ?? der) };
}

/** As a broker checks a client: the root, the list, and what the client shows. */
function openssl(folder: string, list: string, { pem, signer }: { pem: string; signer: string }): string {
  writeFileSync(join(folder, 'leaf.crt'), pem);
  writeFileSync(join(folder, 'signer.crt'), signer);
  writeFileSync(join(folder, 'all.crl'), list);
  const { stdout, stderr } = spawnSync('openssl', [
    ...['verify', '-purpose', 'sslclient', '-crl_check', '-CRLfile', join(folder, 'all.crl')],
    ...[
      '-CAfile',
      join(folder, 'root.crt'),
      '-untrusted',
      join(folder, 'signer.crt'),
      join(folder, 'leaf.crt'),
    ],
  ]);
  return `${stdout}${stderr}`;
}

const times = { nowMs: nowMs - 3_600_000, nextMs: nowMs + day };

describe('The authority in its folder', () => {
  it('has its root’s key elsewhere, and its own key for its user alone', async () => {
    const { folder, rootFolder } = await made();
    expect(existsSync(join(folder, 'root.key'))).toBe(false);
    expect(statSync(join(rootFolder, 'root.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'intermediate.key')).mode & 0o777).toBe(0o600);
    expect((await openAuthority(folder)).rootKeyHere).toBe(false);
  });

  it('is not made a second time: devices trust the first', async () => {
    const { folder } = await made();
    const before = readFileSync(join(folder, 'root.crt'), 'utf8');
    await expect(initAuthority({ folder, name: 'again', nowMs })).rejects.toMatchObject({
      code: 'authority-exists',
    });
    expect(readFileSync(join(folder, 'root.crt'), 'utf8')).toBe(before);
  });

  it('is not opened with a key that others can read, that is another’s, or without its root', async () => {
    const [{ folder }, other] = [await made(), await made()];
    chmodSync(join(folder, 'intermediate.key'), 0o640);
    await expect(openAuthority(folder)).rejects.toMatchObject({ code: 'authority-key-open' });
    chmodSync(join(folder, 'intermediate.key'), 0o600);
    copyFileSync(join(other.folder, 'root.crt'), join(folder, 'root.crt'));
    await expect(openAuthority(folder)).rejects.toMatchObject({ code: 'authority-damaged' });
    copyFileSync(join(other.folder, 'intermediate.crt'), join(folder, 'intermediate.crt'));
    await expect(openAuthority(folder)).rejects.toMatchObject({ code: 'authority-damaged' });
  });

  it('gets a new intermediate from its own root alone', async () => {
    const [{ folder }, other] = [await made(), await made()];
    await expect(
      renewIntermediate({ folder, rootFolder: other.rootFolder, name: 'test', nowMs }),
    ).rejects.toMatchObject({ code: 'authority-other-root' });
  });

  it.skipIf(opensslMissing)(
    'with a new intermediate still says which certificates of the old one are good and which are not',
    async () => {
      const { folder, rootFolder } = await made();
      const before = (await openAuthority(folder)).authority;
      const [good, bad] = [await issued(before, 'good'), await issued(before, 'bad')];
      await renewIntermediate({ folder, rootFolder, name: 'test', nowMs });
      const { authority } = await openAuthority(folder);
      expect(authority.rootHash).toBe(before.rootHash);
      const fresh = await issued(authority, 'fresh');
      const list = await authority.revocationList([{ serial: bad.serial, revokedMs: nowMs - day }], times);
      expect(openssl(folder, list, good)).toContain('OK');
      expect(openssl(folder, list, fresh)).toContain('OK');
      expect(openssl(folder, list, bad)).toContain('certificate revoked');
    },
  );
});
