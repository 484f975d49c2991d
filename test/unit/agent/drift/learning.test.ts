import { beforeEach, describe, expect, it } from 'vitest';
import { Learning } from '../../../../src/agent/drift/learning.ts';
import type { FollowedOrder, LearnedProfile, Learner, LearnerOptions } from '../../../../src/agent/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import type { ProfileProgress, ReferenceProfile } from '../../../../src/drift/index.ts';
import type { PerceptionResult, Thumbnail } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';

/** Learns a second with every frame, and finishes as a test says. */
class StepLearner implements Learner {
  readonly options: LearnerOptions;
  progress: ProfileProgress = { ticks: 0, started: 1, ready: 1 };
  failed = false;
  fate: 'open' | 'closed' | 'discarded' = 'open';
  refusal: Error | undefined;

  constructor(options: LearnerOptions) {
    this.options = options;
  }

  observe(): void {
    this.progress = { ...this.progress, ticks: this.progress.ticks + 1 };
  }

  async finish(): Promise<LearnedProfile> {
    if (this.refusal !== undefined) throw this.refusal;
    const profile = { camera: this.options.camera } as ReferenceProfile;
    return { profile, digest: 'sha256:p', bytes: new Uint8Array() };
  }

  close(): void {
    this.fate = 'closed';
  }

  discard(): void {
    this.fate = 'discarded';
  }
}

const order = { order: 'first', hours: 1 / 360 };
let learners: StepLearner[];
let kept: LearnedProfile[];
let ended: FollowedOrder[];
let keep: () => Promise<void>;

beforeEach(() => {
  learners = [];
  kept = [];
  ended = [];
  keep = async () => {};
});

function create(followed?: FollowedOrder): Learning {
  return new Learning({
    ...{ camera: 'front', utcOffsetHours: 2, followed, lost: () => {}, areas: () => undefined },
    newLearner: (options) => {
      const learner = new StepLearner(options);
      learners.push(learner);
      return learner;
    },
    learned: async (profile) => {
      await keep();
      kept.push(profile);
    },
    ended: (one) => ended.push(one),
  });
}

const see = (learning: Learning, seconds: number, digest = 'sha256:a') => {
  const result = { identity: { digest } } as PerceptionResult;
  for (let i = 0; i < seconds; i++) learning.observe({} as Thumbnail, result, i * 1000);
};

describe('An order to learn', () => {
  it('is followed when enough was seen, and kept before it is done', async () => {
    const learning = create();
    learning.setOrder(order);
    expect(learning.status).toEqual({ order: 'first', state: 'learning', progress: 0 });
    see(learning, 9);
    expect(learning.status?.progress).toBe(0.9);
    await settle();
    expect(ended).toEqual([]);
    see(learning, 1);
    await settle();
    expect(kept).toHaveLength(1);
    expect(ended).toEqual([{ order: 'first', state: 'done' }]);
    expect(learning.status).toEqual({ order: 'first', state: 'done', progress: 1 });
    expect(learning.active).toBe(false);
    // What it learned from stays, to be merged with other profiles.
    expect(learners.map(({ fate }) => fate)).toEqual(['closed']);
  });

  it('waits until every time of day that was begun is ready', async () => {
    const learning = create();
    learning.setOrder(order);
    see(learning, 1);
    learners[0]!.progress = { ticks: 50, started: 3, ready: 2 };
    see(learning, 1);
    await settle();
    expect(ended).toEqual([]);
    expect(learning.status?.progress).toBe(1);
    learners[0]!.progress = { ticks: 60, started: 3, ready: 3 };
    see(learning, 1);
    await settle();
    expect(ended).toHaveLength(1);
  });

  it('that was followed before is not followed again; a new one is', () => {
    const learning = create({ order: 'first', state: 'failed', reason: 'too short' });
    expect(learning.status).toEqual({ order: 'first', state: 'failed', progress: 0, reason: 'too short' });
    learning.setOrder(order);
    expect(learning.active).toBe(false);
    learning.setOrder({ ...order, order: 'second' });
    expect(learning.active).toBe(true);
  });

  it('fails in words where the learner gives up, or the profile cannot be kept', async () => {
    const learning = create();
    learning.setOrder(order);
    see(learning, 1);
    learners[0]!.failed = true;
    learners[0]!.refusal = new InputError('profile-short', 'It saw too little.', 'Wait longer.');
    see(learning, 1);
    await settle();
    expect(ended).toEqual([{ order: 'first', state: 'failed', reason: 'It saw too little. Wait longer.' }]);
    keep = () => Promise.reject(new Error('x'.repeat(5000)));
    learning.setOrder({ ...order, order: 'second' });
    see(learning, 10);
    await settle();
    expect(ended[1]?.reason).toHaveLength(2000);
    expect(kept).toEqual([]);
  });

  it('that is withdrawn or replaced deletes its progress', () => {
    const learning = create();
    learning.setOrder(order);
    see(learning, 5);
    learning.setOrder({ ...order, order: 'second' });
    expect(learners[0]?.fate).toBe('discarded');
    expect(learning.status).toMatchObject({ order: 'second', progress: 0 });
    see(learning, 5);
    learning.setOrder(undefined);
    expect(learners[1]?.fate).toBe('discarded');
    expect(learning.status).toBeUndefined();
    see(learning, 5);
    expect(learners).toHaveLength(2);
  });

  it('that is given again while it is followed changes nothing', () => {
    const learning = create();
    learning.setOrder(order);
    see(learning, 5);
    learning.setOrder({ ...order, hours: 5 });
    expect(learners).toHaveLength(1);
    expect(learning.status?.progress).toBe(0.5);
  });

  it('says nothing of its end where it was taken back meanwhile', async () => {
    const learning = create();
    learning.setOrder(order);
    let release = () => {};
    keep = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    see(learning, 10);
    await settle();
    // Frames that come while the profile is written teach nobody.
    see(learning, 3);
    expect(learners[0]?.progress.ticks).toBe(10);
    learning.setOrder(undefined);
    release();
    await settle();
    expect(ended).toEqual([]);
    expect(learning.status).toBeUndefined();
  });

  it("starts over with another model, and the learned profile waits for the agent's next start", () => {
    const learning = create();
    learning.setOrder(order);
    see(learning, 5);
    see(learning, 2, 'sha256:b');
    expect(learners.map(({ options, fate }) => [options.modelDigest, fate])).toEqual([
      ['sha256:a', 'closed'],
      ['sha256:b', 'open'],
    ]);
    expect(learning.status?.progress).toBe(0.2);
    learning.close();
    expect(learners[1]?.fate).toBe('closed');
    expect(learning.active).toBe(false);
  });

  it.each([
    // hours, times of day: seconds for the view, seconds between two copies on the disk
    [24, 1, 600, 1800],
    [24, 24, 600, 1800],
    [1, 1, 600, 150],
    [1, 4, 360, 150],
    [0.1, 1, 144, 120],
  ])(
    'of %s hours and %s times of day gives the view %s s and is kept every %s s',
    (hours, timesOfDay, view, every) => {
      const learning = create();
      learning.setOrder({ order: 'first', hours, timesOfDay });
      see(learning, 1);
      expect(learners[0]?.options).toMatchObject({
        ...{
          viewSeconds: view,
          keepEverySeconds: every,
          buckets: timesOfDay,
          utcOffsetHours: 2,
          order: 'first',
        },
      });
    },
  );
});
