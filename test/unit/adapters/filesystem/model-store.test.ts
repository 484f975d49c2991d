import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { digestOf, FilesystemModelStore, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const model = Buffer.from('the network');
const manifest = tinyManifest({
  variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: digestOf(model), size: model.length } }],
});
const text = formatManifest(manifest);
const digest = digestOf(text);
const contents = new Map([['fp32.onnx', model]]);

/** Files and folders that were synced while `named` was false, and after that. */
async function syncedPaths(named: () => boolean, work: () => Promise<unknown>) {
  const probe = await open('/dev/null');
  const prototype = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const sync = prototype.sync;
  const [before, after]: [string[], string[]] = [[], []];
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
    (named() ? after : before).push(readlinkSync(`/proc/self/fd/${this.fd}`));
    return sync.call(this);
  });
  await work().finally(() => spy.mockRestore());
  return { before, after };
}

describe('The models on a device', () => {
  it('are kept by digest and found again', async () => {
    const store = new FilesystemModelStore(join(temporaryFolder(), 'models'));
    expect(await store.digests()).toEqual([]);
    expect(await store.get(digest)).toBeUndefined();
    const added = await store.add(text, contents);
    expect(added.digest).toBe(digest);
    expect(await store.digests()).toEqual([digest]);
    expect(await store.get(digest)).toEqual(added);
    expect(await store.add(text, contents)).toEqual(added);
    await store.remove(digest);
    expect(await store.get(digest)).toBeUndefined();
  });

  it('can come from a folder', async () => {
    const base = temporaryFolder();
    const { location } = await writeBundle(join(base, 'bundle'), manifest, contents);
    const store = new FilesystemModelStore(join(base, 'models'));
    expect((await store.importFolder(location)).digest).toBe(digest);
    expect(readdirSync(join(base, 'models'))).toEqual([digest.slice(7)]);
  });

  it('can come file by file, with a break between', async () => {
    const root = join(temporaryFolder(), 'models');
    const first = await new FilesystemModelStore(root).stage(digest);
    await first.write('manifest.json', text);
    await expect(first.commit()).rejects.toMatchObject({ code: 'file-missing' });
    // The device was switched off here; another process goes on.
    const store = new FilesystemModelStore(root);
    expect(await store.digests()).toEqual([digest]);
    expect(await store.get(digest)).toBeUndefined();
    const second = await store.stage(digest);
    expect(existsSync(join(second.folder, 'manifest.json'))).toBe(true);
    await second.write('fp32.onnx', model);
    expect((await second.commit()).digest).toBe(digest);
    expect(readdirSync(root)).toEqual([digest.slice(7)]);
  });

  it('are on the disk, every file and folder, before the bundle has its name', async () => {
    const base = temporaryFolder();
    const { location } = await writeBundle(join(base, 'bundle'), manifest, contents);
    const root = join(base, 'models');
    const staged = `${join(root, digest.slice(7))}.download`;
    const wanted = ['', '/fp32.onnx', '/manifest.json'].map((path) => `${staged}${path}`);
    const named = () => existsSync(join(root, digest.slice(7)));

    const imported = await syncedPaths(named, () => new FilesystemModelStore(root).importFolder(location));
    expect(imported.before).toEqual(expect.arrayContaining(wanted));
    expect(imported.after).toEqual([root]);

    // Whoever fetched the network ended before he synced it.
    rmSync(root, { recursive: true });
    const staging = await new FilesystemModelStore(root).stage(digest);
    await staging.write('manifest.json', text);
    writeFileSync(await staging.pathOf('fp32.onnx'), model);
    const committed = await syncedPaths(named, () => staging.commit());
    expect(committed.before).toEqual(expect.arrayContaining(wanted));
    expect(committed.after).toEqual([root]);
  });

  it('take the place of one that was damaged meanwhile, also where its manifest is gone', async () => {
    const root = temporaryFolder();
    const damaged: string[] = [];
    const store = new FilesystemModelStore(root, ({ reason }) => damaged.push(reason));
    const { location } = await store.add(text, contents);
    const staging = await store.stage(digest);
    await staging.write('manifest.json', text);
    await staging.write('fp32.onnx', model);
    rmSync(join(location, 'manifest.json'));
    expect(await staging.commit()).toMatchObject({ digest });
    expect(await store.get(digest)).toMatchObject({ digest });
    expect(damaged).toEqual([expect.stringMatching(/no manifest\.json/)]);
    expect(readdirSync(root).sort()).toEqual([digest.slice(7), `${digest.slice(7)}.damaged`]);
  });

  it('never take a bundle under the digest of another', async () => {
    const store = new FilesystemModelStore(temporaryFolder());
    const staged = await store.stage(`sha256:${'a'.repeat(64)}`);
    await staged.write('manifest.json', text);
    await staged.write('fp32.onnx', model);
    await expect(staged.commit()).rejects.toThrow(/instead of/);
    expect(await store.get(digest)).toBeUndefined();
  });

  it('are named also where they are damaged or half, so that they can be removed; one that is damaged is refused', async () => {
    const root = temporaryFolder();
    const store = new FilesystemModelStore(root);
    await store.add(text, contents);
    mkdirSync(join(root, 'b'.repeat(64)));
    mkdirSync(join(root, 'notes'));
    await (await store.stage(`sha256:${'c'.repeat(64)}`)).write('manifest.json', text);
    writeFileSync(join(root, digest.slice(7), 'fp32.onnx'), 'The network');
    const others = ['b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`);
    expect(await store.digests()).toEqual([...others, digest].sort());
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'bundle-digest' });
    for (const one of [...others, digest]) await store.remove(one);
    expect(readdirSync(root)).toEqual(['notes']);
  });

  it('refuse a digest that is none, so that nobody leads out of the store', async () => {
    const store = new FilesystemModelStore(temporaryFolder());
    await expect(store.get('sha256:../../etc')).rejects.toMatchObject({ code: 'digest-form' });
    await expect(store.remove('..')).rejects.toMatchObject({ code: 'digest-form' });
  });
});
