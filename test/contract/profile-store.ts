import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProfileStore } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import { formatProfile, parseProfile, type ReferenceProfile } from '../../src/drift/index.ts';
import { learnedProfile } from '../fakes/fake-drift.ts';
import { digest, learnToy, otherDigest } from '../unit/drift/toy-camera.ts';
import { suite } from './suite.ts';

// As it is after it was on a disk: JSON knows no -0.
const profile = parseProfile(formatProfile(learnToy(800)), 'a profile');
const learned = learnedProfile(profile);

/** A disk for the profiles of one device. */
export interface ProfileDisk {
  /** A store on this disk, as a new process makes it. */
  store(): ProfileStore;
  /** A profile that came with the bundle, for every camera. */
  ship(profile: ReferenceProfile): void | Promise<void>;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

/** What the drift service expects of any store of profiles. */
export function describeProfileStore(name: string, make: () => ProfileDisk, missing?: string): void {
  suite(`A store of profiles: ${name}`, missing, () => {
    let disk: ProfileDisk;
    let store: ProfileStore;

    beforeEach(() => {
      disk = make();
      store = disk.store();
    });
    afterEach(() => disk.close());

    it('has none at first', async () => {
      expect(await store.load('front', digest)).toBeUndefined();
      expect([...(await store.followed())]).toEqual([]);
    });

    it('keeps what was learned for its camera and its model, with the digest of its file, over a restart', async () => {
      const kept = await store.save('front', learned);
      expect(kept.digest).toBe(`sha256:${createHash('sha256').update(learned.bytes).digest('hex')}`);
      expect(await store.load('front', digest)).toMatchObject({ profile, digest: kept.digest });
      store = disk.store();
      expect(await store.load('front', digest)).toMatchObject({ profile, digest: kept.digest });
      expect(await store.load('rear', digest)).toBeUndefined();
      expect(await store.load('front', otherDigest)).toBeUndefined();
    });

    it('keeps the profiles of several models beside each other', async () => {
      const other = { ...profile, modelDigest: otherDigest };
      await store.save('front', learned);
      await store.save('front', learnedProfile(other));
      expect((await store.load('front', digest))?.profile.modelDigest).toBe(digest);
      expect((await store.load('front', otherDigest))?.profile.modelDigest).toBe(otherDigest);
    });

    it('gives the learned profile, or that of the bundle if none was learned', async () => {
      await disk.ship({ ...profile, camera: 'shipped' });
      expect((await store.load('front', digest))?.profile.camera).toBe('shipped');
      await store.save('front', learnedProfile({ ...profile, camera: 'learned' }));
      expect((await store.load('front', digest))?.profile.camera).toBe('learned');
      await store.save('front', learnedProfile({ ...profile, camera: 'learned anew' }));
      expect((await store.load('front', digest))?.profile.camera).toBe('learned anew');
    });

    it('refuses what came with the bundle of another model', async () => {
      await disk.ship(profile);
      await expect(store.load('front', otherDigest)).rejects.toMatchObject({ code: 'profile-model' });
    });

    it('rejects in words while the disk refuses, and has the older profile when it is back', async () => {
      const kept = await store.save('front', learned);
      disk.refuses(true);
      const newer = learnedProfile({ ...profile, camera: 'newer' });
      const refusal = await store.save('front', newer).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      expect(refusal).toMatchObject({ remedy: expect.stringMatching(/./) });
      disk.refuses(false);
      expect((await disk.store().load('front', digest))?.digest).toBe(kept.digest);
    });

    it('knows which order every camera followed last, over a restart', async () => {
      await store.follow('front', { order: 'a', state: 'failed', reason: 'too short' });
      await store.follow('front', { order: 'b', state: 'done' });
      await store.follow('rear', { order: 'c', state: 'failed', reason: 'too short' });
      for (const one of [store, disk.store()])
        expect(Object.fromEntries(await one.followed())).toEqual({
          front: { order: 'b', state: 'done' },
          rear: { order: 'c', state: 'failed', reason: 'too short' },
        });
    });

    it('forgets no order where two cameras follow theirs at the same time', async () => {
      await store.followed();
      const cameras = ['front', 'rear', 'left', 'right'];
      await Promise.all(cameras.map((camera) => store.follow(camera, { order: 'a', state: 'done' })));
      expect([...(await disk.store().followed()).keys()].sort()).toEqual([...cameras].sort());
    });

    it('rejects neither the orders nor a question for them while the disk refuses', async () => {
      await store.save('front', learned);
      disk.refuses(true);
      const fresh = disk.store();
      expect([...(await fresh.followed())]).toEqual([]);
      await fresh.follow('front', { order: 'a', state: 'done' });
      disk.refuses(false);
    });
  });
}
