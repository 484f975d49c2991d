import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  amendBundle,
  digestOf,
  networkDigest,
  readBundle,
  writeBundle,
} from '../../../../src/adapters/filesystem/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const model = Buffer.from('the network');
const attachments = (...names: readonly string[]) =>
  names.map((path) => ({ path, digest: digestOf(path), size: path.length }));
const bytes = (text: string) => Buffer.from(text);

function bundle(folder = temporaryFolder()) {
  const file = { path: 'fp32.onnx', digest: digestOf(model), size: model.length };
  const manifest = tinyManifest({
    variants: [{ kind: 'fp32', file }],
    attachments: attachments('report.json', 'golden/000.jpg'),
  });
  const contents = ['report.json', 'golden/000.jpg'].map((path) => [path, bytes(path)] as const);
  return writeBundle(join(folder, 'bundle'), manifest, new Map([['fp32.onnx', model], ...contents]));
}

describe('A bundle that is made from another one', () => {
  it('has the added and replaced files, and the same network', async () => {
    const old = await bundle();
    const added = new Map([
      ['profiles/front.json', bytes('profile')],
      ['report.json', bytes('another report')],
    ]);
    const made = await amendBundle(old, `${old.location}-new`, {
      attachments: added,
      without: (path) => path.startsWith('golden/'),
      budgets: { p95LatencyMs: 20 },
    });
    const read = await readBundle(made.location, 'digests');
    expect(read.manifest.attachments?.map(({ path }) => path)).toEqual([
      'profiles/front.json',
      'report.json',
    ]);
    expect(read.manifest.budgets).toEqual({ p95LatencyMs: 20 });
    expect(readFileSync(join(made.location, 'report.json'), 'utf8')).toBe('another report');
    expect(readdirSync(made.location).sort()).toEqual([
      'fp32.onnx',
      'manifest.json',
      'profiles',
      'report.json',
    ]);
    expect(made.digest).not.toBe(old.digest);
    expect(networkDigest(made.manifest)).toBe(networkDigest(old.manifest));
    expect(await readBundle(old.location, 'digests')).toEqual(old);
  });

  it('takes the place of the old one where that is asked for', async () => {
    const old = await bundle();
    const change = { attachments: new Map([['profiles/front.json', bytes('profile')]]) };
    await expect(amendBundle(old, old.location, change)).rejects.toMatchObject({ code: 'bundle-in-the-way' });
    const made = await amendBundle(old, old.location, change, { replace: true });
    expect(await readBundle(old.location, 'digests')).toEqual(made);
    expect(made.manifest.attachments).toHaveLength(3);
  });

  it('does not take a place where other files would be lost', async () => {
    const old = await bundle();
    writeFileSync(join(old.location, 'README.md'), 'of a person');
    mkdirSync(join(old.location, 'profiles'));
    writeFileSync(join(old.location, 'profiles/front.json'), 'beside');
    const change = { attachments: new Map([['profiles/front.json', bytes('inside')]]) };
    await expect(amendBundle(old, `${old.location}/`, change, { replace: true })).rejects.toMatchObject({
      code: 'bundle-other-files',
      message: expect.stringContaining('holds 1 file that the bundle does not name (README.md)'),
    });
    expect(await readBundle(old.location, 'digests')).toEqual(old);
  });
});
