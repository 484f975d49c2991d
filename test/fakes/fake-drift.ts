import { createHash } from 'node:crypto';
import type {
  AgentEvent,
  DriftServicePorts,
  FollowedOrder,
  FrameStore,
  KeptProfile,
  LearnedProfile,
  Learner,
  LearnerOptions,
  ProfileStore,
} from '../../src/agent/index.ts';
import { asGoshawkError, CancelledError, LimitError, MissingError, silentLog } from '../../src/base/index.ts';
import {
  checkProfileModel,
  formatProfile,
  type LearningState,
  ProfileBuilder,
  type ProfileProgress,
  type ReferenceProfile,
  resumeLearning,
  saveLearning,
  type WatchedResult,
} from '../../src/drift/index.ts';
import type { Thumbnail } from '../../src/perception/index.ts';
import type { HardFrame } from '../../src/protocol/index.ts';
import type { FakeClock } from './fake-clock.ts';

/** Profiles in memory: kept over "restarts" as long as the same store is used. */
export class FakeProfileStore implements ProfileStore {
  readonly profiles = new Map<string, ReferenceProfile>();
  readonly orders = new Map<string, FollowedOrder>();
  /** What came with the bundle, whatever model it is of. */
  shipped: ReferenceProfile | undefined;
  full = false;
  saves = 0;

  async load(camera: string, modelDigest: string): Promise<KeptProfile | undefined> {
    const learned = this.profiles.get(`${camera} ${modelDigest}`);
    const profile = learned ?? this.shipped;
    if (profile === undefined) return undefined;
    checkProfileModel(profile, modelDigest);
    return { profile, digest: learnedProfile(profile).digest };
  }

  async save(camera: string, { profile, digest }: LearnedProfile): Promise<KeptProfile> {
    if (this.full) throw new LimitError('disk-full', 'No space left.', 'Make room, then try again.');
    this.saves += 1;
    this.profiles.set(`${camera} ${profile.modelDigest}`, profile);
    return { profile, digest };
  }

  async followed(): Promise<ReadonlyMap<string, FollowedOrder>> {
    return new Map(this.orders);
  }

  async follow(camera: string, order: FollowedOrder): Promise<void> {
    this.orders.set(camera, order);
  }
}

/** With its file, as a learner gives it. */
export function learnedProfile(profile: ReferenceProfile): LearnedProfile {
  const bytes = new Uint8Array(Buffer.from(formatProfile(profile)));
  return { profile, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** What learners keep, by camera: there over "restarts" as long as the same map is used. */
export type KeptLearning = Map<string, { readonly order: string; readonly state: LearningState }>;

/** Learns at once, on the spot; what goes wrong is told when the profile is asked for. */
export class FakeLearner implements Learner {
  readonly #options: LearnerOptions;
  readonly #kept: KeptLearning;
  #builder: ProfileBuilder | undefined;
  #keptTicks = 0;
  failure: Error | undefined;
  closed = false;

  constructor(options: LearnerOptions, kept: KeptLearning) {
    this.#options = options;
    this.#kept = kept;
    this.#try(() => {
      this.#builder = this.#resume() ?? new ProfileBuilder(options);
      this.#keptTicks = this.#builder.progress.ticks;
    });
  }

  get progress(): ProfileProgress {
    return this.#builder?.progress ?? { ticks: 0, started: 0, ready: 0 };
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  observe(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void {
    if (this.failed || this.closed) return;
    const copy = { ...thumbnail, grey: thumbnail.grey.slice(), detail: thumbnail.detail.slice() };
    this.#try(() => this.#builder?.observe(copy, result, atMs));
    this.#keep();
  }

  async finish(): Promise<LearnedProfile> {
    if (this.failure !== undefined) throw this.failure;
    if (this.closed || this.#builder === undefined) throw new CancelledError('Learning the profile');
    return learnedProfile(this.#builder.finish());
  }

  close(): void {
    this.closed = true;
  }

  discard(): void {
    this.closed = true;
    this.#kept.delete(this.#options.camera);
  }

  #resume(): ProfileBuilder | undefined {
    const { camera, order, onLost } = this.#options;
    const kept = this.#kept.get(camera);
    if (kept?.order !== order) return undefined;
    try {
      return resumeLearning(kept.state, this.#options, 'The learned state');
    } catch (error) {
      onLost(asGoshawkError(error, 'profile-failed'));
      return undefined;
    }
  }

  #keep(): void {
    const { camera, order, keepEverySeconds } = this.#options;
    const { ticks } = this.progress;
    if (this.#builder === undefined || ticks - this.#keptTicks < keepEverySeconds) return;
    this.#keptTicks = ticks;
    this.#kept.set(camera, { order, state: saveLearning(this.#builder) });
  }

  #try(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failure = asGoshawkError(error, 'profile-failed');
    }
  }
}

/** Hard frames in memory, with a disk that can be full. */
export class FakeFrameStore implements FrameStore {
  readonly frames = new Map<string, { readonly frame: HardFrame; readonly jpeg: Uint8Array }>();
  full = false;
  unreadable = false;

  async open() {
    if (this.unreadable) throw new LimitError('file-failed', 'The disk can’t be read.', 'Check the disk.');
    return [...this.frames.values()]
      .map(({ frame: { id, camera, timeMs, reason, bytes } }) => ({ id, camera, timeMs, reason, bytes }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async write(frame: HardFrame, jpeg: Uint8Array): Promise<void> {
    if (this.full) throw new LimitError('disk-full', 'No space left.', 'Make room, then try again.');
    this.frames.set(frame.id, { frame, jpeg });
  }

  async meta(id: string): Promise<HardFrame> {
    return this.#get(id).frame;
  }

  async piece(id: string, offset: number, most: number) {
    const { jpeg } = this.#get(id);
    return {
      size: jpeg.length,
      jpeg: Buffer.from(jpeg.subarray(offset, offset + most)).toString('base64'),
    };
  }

  async remove(id: string): Promise<void> {
    this.frames.delete(id);
  }

  #get(id: string) {
    const found = this.frames.get(id);
    if (found === undefined) throw new MissingError('file-missing', `No frame ${id}.`, 'Check the path.');
    return found;
  }
}

export interface FakeDrift extends DriftServicePorts {
  readonly profiles: FakeProfileStore;
  readonly frames: FakeFrameStore;
  readonly learners: FakeLearner[];
  readonly kept: KeptLearning;
}

/** Everything a watch is plugged to, in memory. A JPEG has 1000 bytes unless a test says otherwise. */
export function driftPorts(
  clock: FakeClock,
  told: AgentEvent[],
  over: Partial<DriftServicePorts> = {},
): FakeDrift {
  const learners: FakeLearner[] = [];
  const kept: KeptLearning = new Map();
  return {
    clock,
    log: silentLog,
    random: () => 0.5,
    newLearner: (options) => {
      const learner = new FakeLearner(options, kept);
      learners.push(learner);
      return learner;
    },
    encode: async () => new Uint8Array(1000),
    reportEvent: (event) => void told.push(event),
    threshold: () => 0.25,
    ...over,
    profiles: new FakeProfileStore(),
    frames: new FakeFrameStore(),
    learners,
    kept,
  };
}
