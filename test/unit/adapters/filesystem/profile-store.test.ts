import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  FilesystemProfileStore,
  profilePathIn,
  readProfile,
  writeProfile,
} from '../../../../src/adapters/filesystem/index.ts';
import { GoshawkError, silentLog } from '../../../../src/base/index.ts';
import {
  formatProfile,
  maxProfileBytes,
  parseProfile,
  type ReferenceProfile,
} from '../../../../src/drift/index.ts';
import { learnedProfile } from '../../../fakes/fake-drift.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { digest, learnToy, otherDigest } from '../../drift/toy-camera.ts';

let profile: ReferenceProfile;
beforeAll(() => {
  // As it is after it was on a disk: JSON knows no -0.
  profile = parseProfile(formatProfile(learnToy(800)), 'a profile');
});

/** `networks`: by the digest of the bundle; none where the bundle is not known. */
const storeIn = (
  folder: string,
  paths: readonly string[] = [],
  networks: Readonly<Record<string, string>> = {},
) =>
  new FilesystemProfileStore(
    join(folder, 'profiles'),
    async (_camera, modelDigest) => {
      const network = networks[modelDigest];
      return network === undefined ? { paths } : { paths, network };
    },
    silentLog,
  );
const network = `sha256:${'5'.repeat(64)}`;
const otherNetwork = `sha256:${'6'.repeat(64)}`;

// What it promises as a ProfileStore is in test/contract/profile-store.ts.
describe('The profiles on a device', () => {
  it('looks for what came with the bundle in one place after the other', async () => {
    const folder = temporaryFolder();
    const path = profilePathIn(join(folder, 'bundle'), 'front');
    await writeProfile(path, profile);
    const store = storeIn(folder, [join(folder, 'none.json'), path]);
    expect(await store.load('front', digest)).toMatchObject({ path });
  });

  it('takes the first that is of the model, and refuses where none is', async () => {
    const folder = temporaryFolder();
    const [before, inside] = [join(folder, 'before.json'), join(folder, 'inside.json')];
    await writeProfile(before, { ...profile, modelDigest: otherDigest });
    await writeProfile(inside, { ...profile, modelDigest: network });
    const store = storeIn(folder, [before, inside], { [digest]: network });
    // Of the network: bound to the bundle that runs.
    expect(await store.load('front', digest)).toMatchObject({
      path: inside,
      profile: { modelDigest: digest },
    });
    await expect(storeIn(folder, [before, inside]).load('front', digest)).rejects.toMatchObject({
      code: 'profile-model',
    });
    writeFileSync(before, 'torn');
    expect(await store.load('front', digest)).toMatchObject({ path: inside });
  });

  it('keeps what was learned over a new bundle of the same network, and not over one of another', async () => {
    const folder = temporaryFolder();
    const networks = { [digest]: network, [otherDigest]: network };
    await storeIn(folder, [], networks).save('front', learnedProfile(profile));
    const kept = await storeIn(folder, [], networks).load('front', otherDigest);
    expect(kept?.profile.modelDigest).toBe(otherDigest);
    const another = storeIn(folder, [], { ...networks, [otherDigest]: otherNetwork });
    expect(await another.load('front', otherDigest)).toBeUndefined();
    expect(await another.load('front', digest)).toMatchObject({ profile });
  });

  it('learned again with a later bundle of the same network replaces the previous one', async () => {
    const folder = temporaryFolder();
    const networks = { [digest]: network, [otherDigest]: network };
    const store = storeIn(folder, [], networks);
    await store.save('front', learnedProfile({ ...profile, camera: 'before' }));
    await store.save('front', learnedProfile({ ...profile, camera: 'anew', modelDigest: otherDigest }));
    for (const model of [digest, otherDigest])
      expect((await store.load('front', model))?.profile.camera).toBe('anew');
    expect(readdirSync(join(folder, 'profiles'))).toHaveLength(1);
  });

  it('does not take the profile of a camera for that of another whose name begins alike', async () => {
    const folder = temporaryFolder();
    const store = storeIn(folder, [], { [digest]: network });
    await store.save('front-left', learnedProfile(profile));
    expect(await store.load('front', digest)).toBeUndefined();
    expect(await store.load('front-left', digest)).toMatchObject({ profile });
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, 500)],
    ['not JSON', () => 'profile'],
    ['of another version', () => '{"schema":2}'],
    ['of another model than its name says', (text: string) => text.replace(digest, otherDigest)],
  ])('sets a learned profile aside that is %s, and goes on without it', async (_, damage) => {
    const folder = temporaryFolder();
    const store = storeIn(folder);
    await store.save('front', learnedProfile(profile));
    const path = join(folder, 'profiles', readdirSync(join(folder, 'profiles'))[0]!);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    expect(await store.load('front', digest)).toBeUndefined();
    expect(readdirSync(join(folder, 'profiles')).some((name) => name.endsWith('.damaged'))).toBe(true);
    await store.save('front', learnedProfile(profile));
    expect(await store.load('front', digest)).toMatchObject({ profile });
  });

  it('leaves a learned profile where it is when it was not the file that failed', async () => {
    const folder = temporaryFolder();
    await storeIn(folder).save('front', learnedProfile(profile));
    const dying = () =>
      Promise.reject(new GoshawkError('profile-failed', 'The thread died.', 'Look at the memory.'));
    const store = new FilesystemProfileStore(
      join(folder, 'profiles'),
      async () => ({ paths: [] }),
      silentLog,
      dying,
    );
    await expect(store.load('front', digest)).rejects.toMatchObject({ code: 'profile-failed' });
    expect(await storeIn(folder).load('front', digest)).toMatchObject({ profile });
  });

  it('says what is wrong with a shipped profile that is damaged or far too long', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'front.json');
    writeFileSync(path, 'profile');
    await expect(storeIn(folder, [path]).load('front', digest)).rejects.toMatchObject({
      code: 'profile-not-json',
    });
    writeFileSync(path, Buffer.alloc(maxProfileBytes + 1, 0x20));
    await expect(readProfile(path)).rejects.toMatchObject({
      code: 'profile-size',
      message: `${path} is larger than ${maxProfileBytes} bytes.`,
    });
  });

  it('forgets orders that are damaged', async () => {
    const folder = temporaryFolder();
    await storeIn(folder).follow('front', { order: 'a', state: 'done' });
    writeFileSync(join(folder, 'profiles', 'orders.json'), '{"front":{"order":7}}');
    expect([...(await storeIn(folder).followed())]).toEqual([]);
  });
});
