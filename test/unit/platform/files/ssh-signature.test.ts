import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectSigningKey, signFiles } from '../../../../src/platform/index.ts';
import { makeSshKey, verifySignature } from '../../../../test/fixtures/ssh-key.ts';
import { temporaryFolder } from '../../../../test/fixtures/temporary-folder.ts';

const missing = spawnSync('ssh-keygen', ['-?']).error !== undefined;

describe.skipIf(missing)('A file that is signed with an SSH key', () => {
  const made = async () => {
    const folder = temporaryFolder();
    const key = makeSshKey(folder);
    const file = join(folder, 'agent.deb');
    writeFileSync(file, 'a package');
    return { folder, key, file, signatures: await signFiles([file], key) };
  };

  it('passes the check of docs/supply-chain.md', async () => {
    const { key, file, signatures } = await made();
    expect(signatures).toEqual([`${file}.sig`]);
    expect(verifySignature(file, key)).toBe('');
  });

  it('does not pass when a byte is added, or for another key', async () => {
    const { key, file } = await made();
    expect(verifySignature(file, makeSshKey(temporaryFolder()))).toContain('Could not verify');
    appendFileSync(file, '!');
    expect(verifySignature(file, key)).toContain('incorrect signature');
  });

  it('is signed again when it was written again', async () => {
    const { key, file } = await made();
    const before = readFileSync(`${file}.sig`, 'utf8');
    writeFileSync(file, 'another package');
    await signFiles([file], key);
    expect(readFileSync(`${file}.sig`, 'utf8')).not.toBe(before);
    expect(verifySignature(file, key)).toBe('');
  });

  it('has no signature where the key is none, or is not there', async () => {
    const { folder, file } = await made();
    const key = join(folder, 'no-key');
    expect(() => expectSigningKey(undefined)).not.toThrow();
    expect(() => expectSigningKey(key)).toThrow(expect.objectContaining({ code: 'sign-key-missing' }));
    writeFileSync(key, 'hello', { mode: 0o600 });
    await expect(signFiles([file], key)).rejects.toMatchObject({ code: 'sign-failed' });
    expect(existsSync(`${file}.sig`)).toBe(false);
  });
});
