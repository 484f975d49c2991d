import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  digestOf,
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

const shelfIn = (folder: string, shipped: readonly string[] = []) =>
  new FilesystemProfileStore(join(folder, 'profiles'), () => shipped, silentLog);

describe('The shelf of profiles', () => {
  it('is empty at first, and keeps what was learned for its camera and model', async () => {
    const folder = temporaryFolder();
    const shelf = shelfIn(folder);
    expect(await shelf.load('front', digest)).toBeUndefined();
    const kept = await shelf.save('front', learnedProfile(profile));
    const [name] = readdirSync(join(folder, 'profiles'));
    expect(kept.digest).toBe(digestOf(readFileSync(join(folder, 'profiles', name!))));
    expect(await shelfIn(folder).load('front', digest)).toMatchObject({ profile, digest: kept.digest });
    expect(await shelf.load('rear', digest)).toBeUndefined();
    expect(await shelf.load('front', otherDigest)).toBeUndefined();
  });

  it('gives what came with the bundle where nothing was learned, and what was learned before that', async () => {
    const folder = temporaryFolder();
    const path = profilePathIn(join(folder, 'bundle'), 'front');
    await writeProfile(path, profile);
    const shelf = shelfIn(folder, [join(folder, 'none.json'), path]);
    expect(await shelf.load('front', digest)).toMatchObject({ path });
    await shelf.save('front', learnedProfile({ ...profile, camera: 'learned' }));
    expect((await shelf.load('front', digest))?.profile.camera).toBe('learned');
  });

  it('refuses the bundle’s profile for another model by its digest', async () => {
    const folder = temporaryFolder();
    const path = profilePathIn(folder, 'front');
    await writeProfile(path, profile);
    await expect(shelfIn(folder, [path]).load('front', otherDigest)).rejects.toMatchObject({
      code: 'profile-model',
      message: `The drift profile belongs to the model ${digest}, but ${otherDigest} runs.`,
    });
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, 500)],
    ['not JSON', () => 'profile'],
    ['of an earlier version', () => '{"schema":1}'],
    ['of another model than its name says', (text: string) => text.replace(digest, otherDigest)],
  ])('sets a learned profile aside that is %s, and goes on without it', async (_, damage) => {
    const folder = temporaryFolder();
    const shelf = shelfIn(folder);
    await shelf.save('front', learnedProfile(profile));
    const path = join(folder, 'profiles', readdirSync(join(folder, 'profiles'))[0]!);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    expect(await shelf.load('front', digest)).toBeUndefined();
    expect(readdirSync(join(folder, 'profiles')).some((name) => name.endsWith('.damaged'))).toBe(true);
    await shelf.save('front', learnedProfile(profile));
    expect(await shelf.load('front', digest)).toMatchObject({ profile });
  });

  it('leaves a learned profile where it is when it was not the file that failed', async () => {
    const folder = temporaryFolder();
    await shelfIn(folder).save('front', learnedProfile(profile));
    const dying = () =>
      Promise.reject(new GoshawkError('profile-failed', 'The thread died.', 'Look at the memory.'));
    const shelf = new FilesystemProfileStore(join(folder, 'profiles'), () => [], silentLog, dying);
    await expect(shelf.load('front', digest)).rejects.toMatchObject({ code: 'profile-failed' });
    expect(await shelfIn(folder).load('front', digest)).toMatchObject({ profile });
  });

  it('says what is wrong with a shipped profile that is damaged or far too long', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'front.json');
    writeFileSync(path, 'profile');
    await expect(shelfIn(folder, [path]).load('front', digest)).rejects.toMatchObject({
      code: 'profile-not-json',
    });
    writeFileSync(path, Buffer.alloc(maxProfileBytes + 1, 0x20));
    await expect(readProfile(path)).rejects.toMatchObject({
      code: 'profile-size',
      message: `${path} is larger than ${maxProfileBytes} bytes.`,
    });
  });

  it('remembers which orders were followed, over restarts and damage', async () => {
    const folder = temporaryFolder();
    const shelf = shelfIn(folder);
    expect([...(await shelf.followed())]).toEqual([]);
    await shelf.follow('front', { order: 'a', state: 'done' });
    await shelf.follow('rear', { order: 'b', state: 'failed', reason: 'too short' });
    expect([...(await shelfIn(folder).followed())]).toEqual([
      ['front', { order: 'a', state: 'done' }],
      ['rear', { order: 'b', state: 'failed', reason: 'too short' }],
    ]);
    writeFileSync(join(folder, 'profiles', 'orders.json'), '{"front":{"order":7}}');
    expect([...(await shelfIn(folder).followed())]).toEqual([]);
  });

  it('does not fail where the order can’t be noted', async () => {
    const folder = temporaryFolder();
    // A file where the folder should be.
    writeFileSync(join(folder, 'profiles'), '');
    await expect(shelfIn(folder).follow('front', { order: 'a', state: 'done' })).resolves.toBeUndefined();
  });
});
