import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LimitError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import { digestFile, digestOf, explainFileError, writeFileAtomic } from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

describe('A file that is written as a whole', () => {
  it('makes its folder, replaces the old one and leaves nothing else behind', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await writeFileAtomic(join(folder, 'state.json'), 'old');
    await writeFileAtomic(join(folder, 'state.json'), 'new');
    expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('leaves the old one where it can not be replaced', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'state.json'));
    writeFileSync(join(folder, 'state.json', 'inside'), 'x');
    await expect(writeFileAtomic(join(folder, 'state.json'), 'new')).rejects.toThrow(/Can't write the file/);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('has the digest that its bytes have', async () => {
    const path = join(temporaryFolder(), 'big');
    const bytes = Buffer.alloc(700_000, 'goshawk');
    writeFileSync(path, bytes);
    expect(await digestFile(path)).toEqual({ digest: digestOf(bytes), size: 700_000 });
    expect(digestOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('An error of the disk', () => {
  it.each([
    ['ENOENT', MissingError, 'file-missing'],
    ['EACCES', RefusedError, 'file-permission'],
    ['EROFS', RefusedError, 'file-read-only'],
    ['ENOSPC', LimitError, 'disk-full'],
    ['EDQUOT', LimitError, 'disk-full'],
  ])('%s is said in words with what to do', (code, family, expected) => {
    const error = explainFileError(Object.assign(new Error('x'), { code }), 'write the bundle', '/data/b');
    expect(error).toBeInstanceOf(family);
    expect(error.code).toBe(expected);
    expect(error.message).toMatch(/write the bundle.*\/data\/b/);
    expect(error.remedy).not.toBe('');
  });
});
