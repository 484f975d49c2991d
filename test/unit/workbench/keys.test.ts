import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyReference } from '../../../src/adapters/pkcs11/index.ts';
import {
  createKey,
  initRepository,
  publication,
  renewRepository,
  revokeKey,
  rotateKeys,
  showRepository,
  signModel,
  signRepository,
  writeAnchor,
} from '../../../src/workbench/index.ts';

describe('Two owners, one file on a stick', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const access = (name: string, passphrase?: string) => ({
    file: file(name),
    passphrase: async () => passphrase,
  });
  const days = 365;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-keys-'));
    for (const [name, kind] of [
      ['anna', 'ed25519'],
      ['ben', 'p256'],
      ['safe', 'ed25519'],
      ['online', 'ed25519'],
    ] as const)
      await createKey(file(name), kind, undefined);
    const rootKeys = ['anna', 'ben', 'safe'].map((name) => file(`${name}.pub`));
    const options = { rootKeys, targetsKeys: [], onlineKey: file('online.pub'), threshold: 2, days };
    await initRepository({ file: file('fleet.json'), ...options });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('publish nothing that one of them alone has signed', async () => {
    await signRepository(file('fleet.json'), access('anna'));
    await signRepository(file('fleet.json'), access('anna'));
    await expect(publication(file('fleet.json'))).rejects.toMatchObject({ code: 'trust-incomplete' });
    await expect(writeAnchor(file('fleet.json'), file('root.json'))).rejects.toMatchObject({
      code: 'trust-incomplete',
    });
    await signRepository(file('fleet.json'), access('online'));
    await expect(publication(file('fleet.json'))).rejects.toMatchObject({ code: 'trust-incomplete' });
    await signRepository(file('fleet.json'), access('ben'));
    await publication(file('fleet.json'));
    await writeAnchor(file('fleet.json'), file('root.json'));
  });

  it('sign models with a release that never goes down by mistake', async () => {
    for (const name of ['anna', 'ben']) await signRepository(file('fleet.json'), access(name));
    const bundle = join(import.meta.dirname, '../../../models/street');
    const sign = (release?: number) =>
      signModel({
        ...{ bundle, repository: file('fleet.json'), boards: [], tensorrt: [], revoked: false, days },
        ...(release === undefined ? {} : { release }),
        key: access('anna'),
      });
    const first = await sign(4);
    expect(first.documents[2]).toMatchObject({ what: 'targets', version: 2, complete: false });
    await expect(sign(3)).rejects.toMatchObject({ code: 'release-lower' });
    const again = await sign();
    expect(again.models[0]!.signed).toMatchObject({ custom: { goshawk: { release: 4 } } });
    // A draft that nobody has published is changed in place.
    expect(again.documents[2]).toMatchObject({ version: 2 });
  });

  it('do not sign other bytes under a version that is signed', async () => {
    const bundle = file('street');
    cpSync(join(import.meta.dirname, '../../../models/street'), bundle, { recursive: true });
    const path = join(bundle, 'manifest.json');
    const manifest: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
    const sign = () =>
      signModel({
        ...{ bundle, repository: file('fleet.json'), boards: [], tensorrt: [], revoked: false, days },
        key: access('anna'),
      });
    const change = (over: object) => writeFileSync(path, JSON.stringify({ ...manifest, ...over }));
    await sign();
    const before = readFileSync(file('fleet.json'), 'utf8');
    change({ licence: 'MIT' });
    await expect(sign()).rejects.toMatchObject({ code: 'model-version-signed' });
    expect(readFileSync(file('fleet.json'), 'utf8')).toBe(before);
    change({ licence: 'MIT', version: '9.0.0' });
    expect((await sign()).models).toHaveLength(2);
  });

  it.skipIf('execve' in process)(
    'hear that a key in a token wants another Node, where this one would die of it (skipped on a Node that can)',
    async () => {
      const token = { module: '/usr/lib/softhsm/libsofthsm2.so', label: 'owner', pinFile: '/tmp/pin' };
      writeFileSync(file('anna.ref'), keyReference({ token: token.label, object: 'anna' }));
      await expect(signRepository(file('fleet.json'), access('anna.ref'))).rejects.toMatchObject({
        code: 'key-node',
      });
    },
  );

  it('take a key out, and it is missed nowhere', async () => {
    for (const name of ['anna', 'ben']) await signRepository(file('fleet.json'), access(name));
    const { keys } = await showRepository(file('fleet.json'));
    const stolen = keys.find(({ scheme }) => scheme === 'ecdsa-sha2-nistp256')!;
    await expect(revokeKey(file('fleet.json'), 'abc', days)).rejects.toMatchObject({ code: 'key-unknown' });
    const view = await revokeKey(file('fleet.json'), stolen.id.slice(0, 12), days);
    expect(view.documents.map(({ what, version, complete }) => [what, version, complete])).toEqual([
      ['image root', 2, false],
      ['director root', 2, false],
      ['targets', 2, false],
    ]);
    for (const name of ['anna', 'safe']) await signRepository(file('fleet.json'), access(name));
    await publication(file('fleet.json'));
    await expect(
      rotateKeys({ file: file('fleet.json'), role: 'root', add: [], remove: [keys[0]!.id], days }),
    ).rejects.toMatchObject({ code: 'trust-threshold' });
  });

  it('sign nothing that was made with a clock that is days ahead', async () => {
    const made = JSON.parse(readFileSync(file('fleet.json'), 'utf8'));
    made.image.roots[0].signed.issued = '2199-01-01T00:00:00Z';
    writeFileSync(file('fleet.json'), JSON.stringify(made));
    await expect(signRepository(file('fleet.json'), access('anna'))).rejects.toMatchObject({
      code: 'trust-made-ahead',
      message: expect.stringContaining('image root 1 says that it was made at 2199-01-01'),
    });
    const renewed = await renewRepository(file('fleet.json'), days);
    expect(renewed.documents[0]?.issuedMs).toBeLessThanOrEqual(Date.now());
    await signRepository(file('fleet.json'), access('anna'));
  });

  it('never give the controller a key again that was taken out: what it had signed would count again', async () => {
    const sign = async () => {
      for (const name of ['anna', 'ben']) await signRepository(file('fleet.json'), access(name));
    };
    const rotate = (key: string) =>
      rotateKeys({ file: file('fleet.json'), role: 'online', add: [file(key)], remove: [], days });
    await sign();
    await createKey(file('online-2'), 'ed25519', undefined);
    const { documents } = await rotate('online-2.pub');
    expect(documents[0]).toMatchObject({ what: 'image root', version: 2, issuedMs: expect.any(Number) });
    await sign();
    await expect(rotate('online.pub')).rejects.toMatchObject({ code: 'trust-key-again' });
    await rotate('online-2.pub');
  });

  it('keep a private key sealed, for this user alone', async () => {
    await createKey(file('eve'), 'ed25519', 'correct horse');
    expect(readFileSync(file('eve'), 'utf8')).not.toContain('PRIVATE KEY');
    expect(statSync(file('eve')).mode & 0o077).toBe(0);
    const sign = (passphrase: string) => signRepository(file('fleet.json'), access('eve', passphrase));
    await expect(sign('wrong horse')).rejects.toMatchObject({ code: 'key-passphrase' });
    expect((await sign('correct horse')).signed).toEqual([]);
    await expect(createKey(file('eve'), 'ed25519', undefined)).rejects.toMatchObject({ code: 'key-there' });
  });
});
