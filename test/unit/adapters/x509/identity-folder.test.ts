import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IdentityFolder } from '../../../../src/adapters/x509/index.ts';
import { EnrollingController } from '../../../fixtures/enrolling-controller.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** An identity of a real controller, saved with its key. */
async function saved() {
  const served = await EnrollingController.open();
  const { claim } = await served.claim();
  const device = served.device('d1');
  const identity = await device.enrol(claim);
  const membership = await device.server.membership(identity);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'device.key'), readFileSync(device.keyFile), { mode: 0o600 });
  const store = new IdentityFolder(folder);
  const whole = { ...identity, ...(membership === undefined ? {} : { membership }) };
  await store.save(whole);
  return { folder, store, whole };
}

describe('The identity of a device', () => {
  it('is there again after a restart, readable by its user alone', async () => {
    const { folder, whole } = await saved();
    expect(await new IdentityFolder(folder).load()).toEqual(whole);
    for (const name of readdirSync(folder))
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it('without a certificate is none, whatever else lies there: a power cut came before the last file', async () => {
    const { folder, store } = await saved();
    rmSync(join(folder, 'device.crt'));
    expect(await store.load()).toBeUndefined();
  });

  it.each([
    [
      'another key',
      'device.key',
      '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----\n',
    ],
    ['half a certificate', 'device.crt', '-----BEGIN CERTIFICATE-----\nMIIB'],
    ['no JSON', 'membership.json', '{'],
  ])('with %s is damaged, and the agent asks for a new one', async (_what, name, text) => {
    const { folder, store } = await saved();
    writeFileSync(join(folder, name), text);
    await expect(store.load()).rejects.toMatchObject({ code: 'identity-damaged' });
  });

  it('keeps a key that is none beside the new one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'device.key'), 'zeros');
    const { key } = new IdentityFolder(folder);
    expect(await key.ensure()).toContain('PRIVATE KEY');
    expect(readFileSync(join(folder, 'device.key.damaged'), 'utf8')).toBe('zeros');
    expect(await key.ensure()).toBe(await key.ensure());
  });
});
