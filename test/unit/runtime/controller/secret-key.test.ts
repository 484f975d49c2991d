import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSecretKey } from '../../../../src/runtime/controller/secret-key.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-key-'));
  path = join(folder, 'secrets.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is made once, for its user alone, and stays the same', async () => {
  const key = await ensureSecretKey(folder);
  expect(key.byteLength).toBe(32);
  chmodSync(path, 0o644);
  expect(Buffer.from(await ensureSecretKey(folder))).toEqual(Buffer.from(key));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('that is damaged is refused and not replaced: it may be all that opens the secrets', async () => {
  writeFileSync(path, 'abc');
  await expect(ensureSecretKey(folder)).rejects.toMatchObject({ code: 'secret-key-invalid' });
  expect(readFileSync(path, 'utf8')).toBe('abc');
});
