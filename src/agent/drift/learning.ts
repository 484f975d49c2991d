import { defined, describeError, type GoshawkError } from '../../base/index.ts';
import type { WatchedAreas, WatchedResult } from '../../drift/index.ts';
import type { Thumbnail } from '../../perception/index.ts';
import type { DriftStatus, LearnOrder } from '../../protocol/index.ts';
import type { FollowedOrder, LearnedProfile, Learner, NewLearner } from './ports.ts';

/** Seconds of each time of day that teach how the place looks; of a short order less than half. */
const viewSeconds = 600;

/**
 * A power cut costs a twenty-fourth of an order, and half an hour at most: every time it is kept, a megabyte or two go to
 * a disk that wears out.
 */
const leastKeepSeconds = 120;
const mostLostSeconds = 1800;

export interface LearningPorts {
  readonly camera: string;
  readonly utcOffsetHours: number;
  readonly newLearner: NewLearner;
  /** Which objects are watched when it begins; undefined: all. */
  readonly areas: () => WatchedAreas | undefined;
  /** What this camera was ordered before; an order is followed once. */
  readonly followed: FollowedOrder | undefined;
  /** The profile is there: keep it. Rejects when it can't be kept. */
  readonly learned: (learned: LearnedProfile) => Promise<void>;
  /** The progress of an earlier start can't be used; learning starts over. */
  readonly lost: (error: GoshawkError) => void;
  /** The order is done or has failed. */
  readonly ended: (order: FollowedOrder) => void;
}

/**
 * Follows the orders to learn of one camera.
 *
 * What could go wrong, and what happens
 * - the agent ends while it learns, killed or not: the order is not followed yet, and goes on with what the learner kept
 * - the stored progress is damaged, or of another model: that is reported, and learning starts over
 * - the model is swapped: that is reported, and learning starts over with the new one
 * - too little was seen, or the profile can't be kept: the order has failed, and says why; a new order tries again
 */
export class Learning {
  readonly #ports: LearningPorts;
  #followed: FollowedOrder | undefined;
  #order: LearnOrder | undefined;
  #learner: Learner | undefined;
  #digest: string | undefined;
  #finishing = false;

  constructor(ports: LearningPorts) {
    this.#ports = ports;
    this.#followed = ports.followed;
  }

  get active(): boolean {
    return this.#order !== undefined;
  }

  /** Undefined takes the order back, unless it is followed already. */
  setOrder(order: LearnOrder | undefined): void {
    if (order?.order === this.#order?.order) return;
    this.#discard();
    this.#order = undefined;
    if (order !== undefined && order.order !== this.#followed?.order) this.#order = order;
  }

  observe(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void {
    const order = this.#order;
    if (order === undefined || this.#finishing) return;
    if (this.#learner === undefined || this.#digest !== result.identity.digest) this.#begin(order, result);
    const learner = this.#learner;
    if (learner === undefined) return;
    learner.observe(thumbnail, result, atMs);
    const { ticks, ready, started } = learner.progress;
    const enough = ticks >= order.hours * 3600 && ready >= started;
    if (enough || learner.failed) void this.#finish(order, learner);
  }

  get status(): DriftStatus['learn'] {
    const order = this.#order;
    if (order !== undefined) {
      const ticks = this.#learner?.progress.ticks ?? 0;
      return {
        order: order.order,
        state: 'learning',
        progress: Math.min(1, Math.round((ticks / (order.hours * 3600)) * 1000) / 1000),
      };
    }
    const followed = this.#followed;
    if (followed === undefined) return undefined;
    const { state, reason } = followed;
    return {
      order: followed.order,
      state,
      progress: state === 'done' ? 1 : 0,
      ...defined({ reason }),
    };
  }

  /** What was learned so far is of other objects. */
  restart(): void {
    if (!this.#finishing) this.#discard();
  }

  close(): void {
    this.#stop();
    this.#order = undefined;
  }

  #begin({ order, hours, timesOfDay = 1 }: LearnOrder, { identity }: WatchedResult): void {
    this.#stop();
    this.#digest = identity.digest;
    this.#learner = this.#ports.newLearner({
      modelDigest: identity.digest,
      camera: this.#ports.camera,
      buckets: timesOfDay,
      utcOffsetHours: this.#ports.utcOffsetHours,
      ...defined({ areas: this.#ports.areas() }),
      viewSeconds: Math.min(viewSeconds, Math.floor((hours * 3600 * 0.4) / timesOfDay)),
      order,
      keepEverySeconds: Math.min(mostLostSeconds, Math.max(leastKeepSeconds, (hours * 3600) / 24)),
      onLost: this.#ports.lost,
    });
  }

  async #finish({ order }: LearnOrder, learner: Learner): Promise<void> {
    this.#finishing = true;
    let followed: FollowedOrder;
    try {
      await this.#ports.learned(await learner.finish());
      followed = { order, state: 'done' };
    } catch (error) {
      followed = { order, state: 'failed', reason: describeError(error).slice(0, 2000) };
    }
    this.#finishing = false;
    // Taken back, or another one was given meanwhile: then this one says nothing any more.
    if (this.#order?.order !== order) return;
    // What a profile was learned from stays beside it, to be merged.
    if (followed.state === 'done') this.#stop();
    else this.#discard();
    this.#order = undefined;
    this.#followed = followed;
    this.#ports.ended(followed);
  }

  #stop(): void {
    this.#learner?.close();
    this.#learner = undefined;
    this.#digest = undefined;
  }

  /** It will not be continued. */
  #discard(): void {
    this.#learner?.discard();
    this.#learner = undefined;
    this.#digest = undefined;
  }
}
