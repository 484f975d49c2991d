import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Learner, LearnerOptions } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import { ProfileBuilder, parseProfile, type ReferenceProfile } from '../../src/drift/index.ts';
import { digest, otherDigest, ToyCamera } from '../unit/drift/toy-camera.ts';
import { suite } from './suite.ts';

/** Where learners keep what they learned so far. */
export interface LearnerDisk {
  /** A learner on this disk, as a new process makes it. */
  learner(options: LearnerOptions): Learner;
  /** Something that was learned is kept. */
  holds(): boolean;
  close(): void;
}

/** What the drift service expects of any learner. */
export function describeLearner(name: string, make: () => LearnerDisk, missing?: string): void {
  suite(`A learner of profiles: ${name}`, missing, () => {
    let disk: LearnerDisk;
    let lost: GoshawkError[];
    let made: Learner[];

    beforeEach(() => {
      disk = make();
      lost = [];
      made = [];
    });
    afterEach(() => {
      for (const learner of made) learner.close();
      disk.close();
    });

    function create(change: Partial<LearnerOptions> = {}): Learner {
      const learner = disk.learner({
        ...learning,
        ...{ order: 'first', keepEverySeconds: 60 },
        onLost: (error) => void lost.push(error),
        ...change,
      });
      made.push(learner);
      return learner;
    }

    /** Learns so long that something of it is kept, and is closed. */
    async function learned(seconds: number): Promise<Learner> {
      const learner = create();
      feed(learner, seconds);
      await until(() => learner.progress.ticks > seconds - 20 && disk.holds());
      return learner;
    }

    /** Seconds that a new learner knows a moment after it began. */
    async function ticksOf(learner: Learner): Promise<number> {
      feed(learner, 30);
      await until(() => learner.progress.ticks > 10);
      return learner.progress.ticks;
    }

    it('learns from frames, copies the parts that it needs, and reports its progress', async () => {
      const learner = create();
      expect(learner.progress).toMatchObject({ ticks: 0, ready: 0 });
      feed(learner, 620, { spoil: true });
      const { profile, bytes, digest: fileDigest } = await learner.finish();
      expect(asOnDisk(profile)).toEqual(asOnDisk(learnedDirectly(620)));
      expect(parseProfile(Buffer.from(bytes).toString(), 'its file')).toEqual(asOnDisk(profile));
      expect(fileDigest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
      expect(learner.progress).toMatchObject({ started: 1, ready: 1 });
      expect(learner.progress.ticks).toBeGreaterThan(600);
      expect(learner.failed).toBe(false);
    });

    it('says that it saw too little', async () => {
      const learner = create();
      feed(learner, 20);
      await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-short' });
    });

    it('fails with a result of another model, and says so whenever it is asked', async () => {
      const learner = create();
      feed(learner, 2, { modelDigest: otherDigest });
      await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-model' });
      expect(learner.failed).toBe(true);
      await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-model' });
    });

    it('that cannot begin says why when it is asked', async () => {
      const learner = create({ buckets: 99 });
      feed(learner, 2);
      await expect(learner.finish()).rejects.toMatchObject({
        ...{ name: 'InputError', code: 'profile-buckets' },
        message: expect.stringContaining('99 times of day'),
      });
    });

    it('that is closed gives nothing, and closes twice without complaint', async () => {
      const learner = create();
      feed(learner, 2);
      learner.close();
      await expect(learner.finish()).rejects.toBeInstanceOf(GoshawkError);
      learner.close();
    });

    it('goes on after a restart where the same order was', async () => {
      (await learned(200)).close();
      // What is kept may be some time behind.
      expect(await ticksOf(create())).toBeGreaterThanOrEqual(60);
      expect(lost).toEqual([]);
    });

    it('begins anew, without a word, for another order', async () => {
      (await learned(200)).close();
      expect(await ticksOf(create({ order: 'second' }))).toBeLessThan(40);
      expect(lost).toEqual([]);
    });

    it('starts over for another model, and reports what was lost', async () => {
      (await learned(200)).close();
      create({ modelDigest: otherDigest });
      await until(() => lost.length > 0);
      expect(lost).toMatchObject([
        { code: 'learning-foreign', message: expect.stringContaining(otherDigest) },
      ]);
    });

    it('leaves nothing behind when it is discarded', async () => {
      const learner = await learned(200);
      learner.discard();
      await until(() => !disk.holds());
    });
  });
}

/** JSON knows no -0. */
const asOnDisk = (profile: ReferenceProfile) => parseProfile(JSON.stringify(profile), 'a profile');

const learning = { modelDigest: digest, camera: 'toy', viewSeconds: 60 };

let direct: ReferenceProfile | undefined;
function learnedDirectly(seconds: number): ReferenceProfile {
  if (direct === undefined) {
    const builder = new ProfileBuilder(learning);
    feed(builder, seconds);
    direct = builder.finish();
  }
  return direct;
}

function feed(
  learner: Pick<Learner, 'observe'>,
  seconds: number,
  { modelDigest = digest, spoil = false }: { modelDigest?: string; spoil?: boolean } = {},
): void {
  const camera = new ToyCamera(1, 2);
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next({ digest: modelDigest });
    learner.observe(thumbnail, result, atMs);
    if (spoil) for (const cells of [thumbnail.grey, thumbnail.detail]) cells.fill(0);
  }
}

const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 30_000 });
