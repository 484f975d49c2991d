import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { networkDigest, readBundle } from '../../src/adapters/filesystem/index.ts';
import { parseProfile } from '../../src/drift/index.ts';
import { bundledCameras, bundledProfile } from '../../src/model/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawk, jsonLines, pictureFolder, projectRoot, tinyBundleFolder } from './goshawk.ts';

// Eighteen minutes of a street are painted, at one frame a second.
vi.setConfig({ testTimeout: 600_000 });

const last = (stdout: string) => jsonLines(stdout).at(-1);
/** No two alike. */
async function noisyFolder(base: string, count: number): Promise<string> {
  const folder = join(base, 'noisy');
  mkdirSync(folder);
  const raw = { width: 160, height: 90, channels: 3 } as const;
  for (let index = 0; index < count; index++) {
    const bytes = Uint8Array.from(
      { length: 160 * 90 * 3 },
      (_, i) => Math.imul(i + 1, 2_654_435_761 + 40_503 * index) >>> 25,
    );
    const name = `${String(index).padStart(4, '0')}.png`;
    writeFileSync(join(folder, name), await sharp(bytes, { raw }).png({ compressionLevel: 1 }).toBuffer());
  }
  return folder;
}

const learnStreet = ['--source', 'sim', '--fps', '1', '--camera', 'front', '--json'];

describe('goshawk model profile', () => {
  it('learns a profile beside the bundle, checks it, and refuses to replace it or to use it for another model', async () => {
    const bundle = await tinyBundleFolder(temporaryFolder());
    const made = await goshawk('model', 'profile', bundle, ...learnStreet, '--duration', '1130s');
    expect(made).toMatchObject({ code: 0 });
    const path = join(bundle, 'profiles', 'front.json');
    const said = last(made.stdout);
    expect(said).toMatchObject({ ok: true, path, timesOfDay: 1 });
    const profile = parseProfile(readFileSync(path, 'utf8'), path);
    expect(profile).toMatchObject({ camera: 'front', modelDigest: said?.modelDigest });
    expect(profile.framesPerSecond).toBeCloseTo(1, 1);

    const checked = await goshawk('model', 'profile', bundle, '--camera', 'front', '--json');
    expect(last(checked.stdout)).toMatchObject({ ok: true, digest: said?.digest });

    const again = await goshawk('model', 'profile', bundle, ...learnStreet);
    expect(again.code).not.toBe(0);
    expect(last(again.stdout)).toMatchObject({ ok: false, error: { code: 'profile-exists' } });

    const other = ['model', 'profile', 'models/street', '--camera', 'front', '--out', path, '--json'];
    for (const more of [[], learnStreet]) {
      const refused = await goshawk(...other, ...more);
      expect(last(refused.stdout)).toMatchObject({
        ok: false,
        error: { code: 'profile-model', message: expect.stringContaining(String(said?.modelDigest)) },
      });
    }
    expect(parseProfile(readFileSync(path, 'utf8'), path)).toEqual(profile);

    // Into a bundle, which a rollout takes along.
    const into = ['model', 'profile', bundle, '--camera', 'front', '--into', `${bundle}-profiled`, '--json'];
    const put = last((await goshawk(...into)).stdout);
    expect(put).toMatchObject({ ok: true, bundle: `${bundle}-profiled` });
    expect(await readBundle(bundle, 'digests')).toMatchObject({ digest: profile.modelDigest });
    const holder = await readBundle(`${bundle}-profiled`, 'digests');
    expect(holder).toMatchObject({ digest: put?.bundleDigest });
    expect(bundledProfile(holder.manifest, 'front')?.digest).toBe(put?.digest);
    const inside = parseProfile(readFileSync(String(put?.path), 'utf8'), 'inside');
    expect(inside).toEqual({ ...profile, modelDigest: networkDigest(holder.manifest) });
    const found = ['model', 'profile', `${bundle}-profiled`, '--camera', 'front', '--json'];
    expect(last((await goshawk(...found)).stdout)).toMatchObject({ ok: true, digest: put?.digest });

    // One of another camera comes to it.
    const rear = ['model', 'profile', bundle, '--camera', 'rear', '--out', path, '--json'];
    const both = last((await goshawk(...rear, '--into', `${bundle}-both`)).stdout);
    expect(both).toMatchObject({ ok: true });
    const added = await goshawk(...into.with(-2, `${bundle}-both`), '--replace');
    expect(last(added.stdout)).toMatchObject({ ok: true, bundle: `${bundle}-both` });
    const cameras = bundledCameras((await readBundle(`${bundle}-both`, 'digests')).manifest);
    expect(cameras).toEqual(['rear', 'front']);

    // Neither is a bundle that holds one changed in its place, nor one that is in the way replaced unasked.
    const broken = await goshawk('model', 'profile', `${bundle}-profiled`, ...learnStreet, '--replace');
    expect(last(broken.stdout)).toMatchObject({ ok: false, error: { code: 'profile-inside' } });
    const unasked = await goshawk('model', 'profile', bundle, ...learnStreet, '--into', `${bundle}-profiled`);
    expect(last(unasked.stdout)).toMatchObject({ ok: false, error: { code: 'bundle-in-the-way' } });
    expect(await readBundle(`${bundle}-profiled`, 'digests')).toEqual(holder);
  });

  it('says that there is too little to learn from, writes no profile, and keeps what it learned to add to', async () => {
    const folder = temporaryFolder();
    const bundle = await tinyBundleFolder(folder);
    const pictures = await pictureFolder(folder, 5);
    const ran = await goshawk('model', 'profile', bundle, '--source', pictures, '--json');
    expect(last(ran.stdout)).toMatchObject({
      ok: false,
      error: { code: 'profile-short', remedy: expect.stringContaining('--add') },
    });
    expect(readdirSync(join(bundle, 'profiles'))).toEqual(['camera.learning']);
  });

  it('adds a recording to one that was too short alone, and knows it again when it is the same', async () => {
    const folder = temporaryFolder();
    const bundle = await tinyBundleFolder(folder);
    const pictures = await noisyFolder(folder, 620);
    const from = ['--source', pictures, '--fps', '1', '--camera', 'front', '--json'];
    const first = await goshawk('model', 'profile', bundle, ...from, '--starts', '2026-12-01T06:00Z');
    expect(last(first.stdout)).toMatchObject({ ok: false, error: { code: 'profile-short' } });
    const more = ['model', 'profile', bundle, ...from, '--starts', '2026-12-02T06:00Z', '--add'];
    const both = last((await goshawk(...more)).stdout);
    expect(both).toMatchObject({ ok: true, path: join(bundle, 'profiles', 'front.json') });
    expect(Number(both?.seconds)).toBeGreaterThan(1150);
    expect(JSON.stringify(both?.shortcomings)).toMatch(/(4|5)\d % of the pictures are repetitions/);
    const otherTimes = await goshawk(...more, '--times-of-day', '2');
    expect(last(otherTimes.stdout)).toMatchObject({
      ok: false,
      error: { code: 'learning-foreign', remedy: expect.stringContaining('without --add') },
    });
  });

  it.each([
    [['--camera', 'front'], 'profile-missing', /There is no profile at/],
    [['--source', 'sim', '--add'], 'learning-missing', /No learned profile at .*camera\.learning to add to/],
    [['--source', 'sim?fog=3&after=5s'], 'street-source', /changes while it is learned/],
    [['--merge', 'monday.json'], 'merge-one', /monday\.json, has nothing to be merged with/],
    [['--merge', 'no/monday.json', 'no/tuesday.json'], 'learning-missing', /no no\/monday\.learning/],
    [['--source', 'no/such/folder'], 'source-missing', /There is no file or folder no\/such\/folder/],
  ])('refuses %j and says what to do', async (args, code, message) => {
    const bundle = await tinyBundleFolder(temporaryFolder());
    const ran = await goshawk('model', 'profile', bundle, ...args, '--json');
    expect(last(ran.stdout)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringMatching(message), remedy: expect.stringMatching(/./) },
    });
  });

  it('refuses a name of a camera that would leave the folder', async () => {
    const ran = await goshawk('model', 'profile', 'models/street', '--camera', '../../x');
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/Letters, digits/);
  });

  it('has the profiles of the demo’s streets for the model that the demo runs', async () => {
    for (const camera of ['north', 'south']) {
      const ran = await goshawk(
        'model',
        'profile',
        join(projectRoot, 'models/street'),
        '--camera',
        camera,
        '--json',
      );
      expect(last(ran.stdout)).toMatchObject({ ok: true });
    }
  });
});
