import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Digester, digestFile, digestOf, digestThrough } from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

describe('A digest', () => {
  const bytes = Buffer.alloc(700_000, 'goshawk');

  it('of a file is that of its bytes', async () => {
    const path = join(temporaryFolder(), 'big');
    writeFileSync(path, bytes);
    const expected = { digest: digestOf(bytes), size: 700_000 };
    expect(await digestFile(path)).toEqual(expected);
    for (const size of [1_000, 700_000, 800_000])
      expect(await digestThrough(new Uint8Array(size), path)).toEqual(expected);
  });

  it('of text is that of its UTF-8', () => {
    expect(digestOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(digestOf('\u00fc')).toBe(digestOf(Uint8Array.of(0xc3, 0xbc)));
  });

  it('of pieces is that of the whole', () => {
    const digester = new Digester().add(bytes.subarray(0, 3)).add(bytes.subarray(3));
    expect(digester.size).toBe(700_000);
    expect([digester.digest, digester.digest]).toEqual([digestOf(bytes), digestOf(bytes)]);
  });
});
