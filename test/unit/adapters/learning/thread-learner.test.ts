import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ThreadLearner } from '../../../../src/adapters/learning/index.ts';
import { parseProfile } from '../../../../src/drift/index.ts';
import { digest, otherDigest, ToyCamera } from '../../drift/toy-camera.ts';

const options = {
  ...{ modelDigest: digest, camera: 'toy', viewSeconds: 60, order: 'first', keepEverySeconds: 60 },
  onLost: () => {},
};

function feed(learner: ThreadLearner, seconds: number, modelDigest = digest): void {
  const camera = new ToyCamera(1);
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next({ digest: modelDigest });
    learner.observe(thumbnail, result, atMs);
  }
}

describe('The thread that learns', () => {
  it('learns a profile as the builder does, and says how far it is', async () => {
    const learner = new ThreadLearner(options);
    feed(learner, 800);
    const { profile, bytes, digest: fileDigest } = await learner.finish();
    expect(parseProfile(Buffer.from(bytes).toString(), 'its file')).toEqual(profile);
    expect(fileDigest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(profile).toMatchObject({ modelDigest: digest, camera: 'toy' });
    expect(profile.framesPerSecond).toBeCloseTo(5, 1);
    expect(learner.progress).toMatchObject({ started: 1, ready: 1 });
    expect(learner.progress.ticks).toBeGreaterThan(700);
    expect(learner.failed).toBe(false);
    learner.close();
  });

  it('says that it saw too little', async () => {
    const learner = new ThreadLearner(options);
    feed(learner, 20);
    await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-short' });
    learner.close();
  });

  it('fails with a result of another model', async () => {
    const learner = new ThreadLearner(options);
    feed(learner, 1, otherDigest);
    await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-model' });
    expect(learner.failed).toBe(true);
    await expect(learner.finish()).rejects.toMatchObject({ code: 'profile-model' });
    learner.close();
  });

  it('that can’t begin says why', async () => {
    const learner = new ThreadLearner({ ...options, buckets: 99 });
    await expect(learner.finish()).rejects.toMatchObject({
      name: 'InputError',
      code: 'profile-buckets',
      message: expect.stringContaining('99 times of day'),
    });
  });

  it('that is closed gives nothing', async () => {
    const learner = new ThreadLearner(options);
    const asked = expect(learner.finish()).rejects.toMatchObject({
      code: expect.stringMatching(/cancelled|profile-short/),
    });
    learner.close();
    await asked;
  });
});
