import { createPrivateKey } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileKeyStore, IdentityFolder, SealedKeyFile } from '../../../../src/adapters/x509/index.ts';
import { fileKeys } from '../../../../src/adapters/x509/key-maker.ts';
import { FakeKeySeal, FakeTpm } from '../../../fakes/fake-key-seal.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** One board, and its disk. */
function board() {
  const [folder, tpm, problems] = [temporaryFolder(), new FakeTpm(), [] as string[]];
  const path = join(folder, 'device.key');
  /** What a new process has. */
  const start = (pcrs: readonly number[] = [], by = tpm) => {
    const file = new SealedKeyFile(path, new FakeKeySeal(by, pcrs), (error) => problems.push(error.message));
    return { file, store: new FileKeyStore(file) };
  };
  return { folder, path, tpm, problems, start };
}

const publicOf = (pem: string) => createPrivateKey(pem).export({ format: 'jwk' }).x;

describe('A sealed key', () => {
  it('is made, lies on the disk only sealed, and is the same after a restart', async () => {
    const { folder, start, problems } = board();
    const made = await start().store.ensure();
    expect(readdirSync(folder)).toEqual(['device.key.sealed']);
    expect(statSync(join(folder, 'device.key.sealed')).mode & 0o777).toBe(0o600);
    expect(await start().store.ensure()).toBe(made);
    expect(await start().file.read()).toBe(made);
    expect(problems).toEqual([]);
  });

  it('is opened once: a renewal needs no TPM', async () => {
    const { start, tpm } = board();
    await start().store.ensure();
    const { store } = start();
    const before = tpm.opened;
    await Promise.all([store.read(), store.read(), store.ensure()]);
    expect(tpm.opened).toBe(before + 1);
    tpm.answers = false;
    expect((await store.request({ device: 'cam-1' })).length).toBeGreaterThan(100);
  });

  it('that lay plain is sealed; the plain file is overwritten, and removed', async () => {
    const { folder, path, start } = board();
    const plain = await fileKeys.make();
    writeFileSync(path, plain);
    writeFileSync(`${path}.partial-00`, plain);
    // Another name of the same blocks shows what became of them.
    linkSync(path, join(folder, 'blocks'));
    expect(await start().file.read()).toBe(plain);
    expect(readdirSync(folder).sort()).toEqual(['blocks', 'device.key.sealed']);
    const left = readFileSync(join(folder, 'blocks'));
    expect(left).toHaveLength(plain.length);
    expect(left.toString('latin1')).not.toContain('PRIVATE');
    expect(await start().file.read()).toBe(plain);
  });

  it('stays plain and in use where the TPM is away, which is told, and is sealed at the next start', async () => {
    const { folder, path, start, tpm, problems } = board();
    const plain = await fileKeys.make();
    writeFileSync(path, plain);
    tpm.answers = false;
    expect(await start().file.read()).toBe(plain);
    expect(readFileSync(path, 'utf8')).toBe(plain);
    expect(problems).toEqual(['No answer.']);
    tpm.answers = true;
    await start().file.read();
    expect(readdirSync(folder)).toEqual(['device.key.sealed']);
  });

  it('survives a power cut between sealing and removing, and in the middle of overwriting', async () => {
    const { folder, path, start } = board();
    const made = await start().store.ensure();
    for (const left of [made, Buffer.alloc(made.length, 7)]) {
      writeFileSync(path, left);
      expect(await start().store.ensure()).toBe(made);
      expect(readdirSync(folder)).toEqual(['device.key.sealed']);
    }
  });

  it('is no reason to make another one while the TPM is away: it is asked again', async () => {
    const { folder, start, tpm } = board();
    const made = await start().store.ensure();
    tpm.answers = false;
    const { store } = start();
    await expect(store.ensure()).rejects.toMatchObject({ code: 'fake-hangs' });
    tpm.answers = true;
    expect(await store.ensure()).toBe(made);
    expect(readdirSync(folder)).toEqual(['device.key.sealed']);
  });

  it('is never made plain instead: without a TPM there is no new key', async () => {
    const { folder, start, tpm } = board();
    tpm.answers = false;
    await expect(start().store.ensure()).rejects.toMatchObject({ code: 'fake-hangs' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is made where nonsense lies there, also when the TPM was away at the first try', async () => {
    const { folder, path, start, tpm } = board();
    writeFileSync(path, 'nonsense');
    tpm.answers = false;
    const { store } = start();
    await expect(store.ensure()).rejects.toMatchObject({ code: 'fake-hangs' });
    tpm.answers = true;
    expect(fileKeys.fits(await store.ensure())).toBe(true);
    expect(readFileSync(join(folder, 'device.key.damaged'), 'utf8')).toBe('nonsense');
    expect(readdirSync(folder).sort()).toEqual(['device.key.damaged', 'device.key.sealed']);
  });

  it('is not passed over by another TPM, nor by settings that do not say that it is sealed', async () => {
    const { folder, path, start } = board();
    await start().store.ensure();
    await expect(start([], new FakeTpm()).store.ensure()).rejects.toMatchObject({ code: 'fake-refused' });
    await expect(new FileKeyStore(path).ensure()).rejects.toMatchObject({ code: 'key-sealed' });
    await expect(new IdentityFolder(folder).keyPem()).rejects.toMatchObject({ code: 'key-sealed' });
    expect(readdirSync(folder)).toEqual(['device.key.sealed']);
  });

  it('is sealed anew where the settings bind it to something else', async () => {
    const { start, tpm } = board();
    const made = await start([7]).store.ensure();
    expect(await start([]).file.read()).toBe(made);
    tpm.firmware++;
    expect(await start([]).file.read()).toBe(made);
    expect(await start([7]).file.read()).toBe(made);
    tpm.firmware++;
    await expect(start([7]).file.read()).rejects.toMatchObject({ code: 'fake-refused' });
  });

  it('that the TPM gives back as another is refused before the plain one goes', async () => {
    const { folder, path, tpm, problems } = board();
    const plain = await fileKeys.make();
    writeFileSync(path, plain);
    class Wrong extends FakeKeySeal {
      override async open(sealed: string) {
        return (await super.open(sealed)).map((byte) => byte ^ 1);
      }
    }
    const file = new SealedKeyFile(path, new Wrong(tpm), (error) => problems.push(error.message));
    expect(publicOf((await file.read()) ?? '')).toBe(publicOf(plain));
    expect(problems).toEqual(['The TPM returned another key than the sealed one.']);
    expect(readdirSync(folder)).toEqual(['device.key']);
    rmSync(path);
  });
});
