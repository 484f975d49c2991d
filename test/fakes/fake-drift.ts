import type {
  DriftDeskPorts,
  FollowedOrder,
  FrameStore,
  KeptProfile,
  Learner,
  Occurrence,
  ProfileStore,
} from '../../src/agent/index.ts';
import { InputError, LimitError, silentLog } from '../../src/base/index.ts';
import {
  checkProfileModel,
  ProfileBuilder,
  type ProfileOptions,
  type ReferenceProfile,
  type Thumbnail,
} from '../../src/drift/index.ts';
import type { PerceptionResult } from '../../src/perception/index.ts';
import type { HardFrame } from '../../src/protocol/index.ts';
import type { FakeClock } from './fake-clock.ts';

const profileDigest = `sha256:${'d'.repeat(64)}`;

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
    return { profile, digest: profileDigest };
  }

  async save(camera: string, profile: ReferenceProfile): Promise<KeptProfile> {
    if (this.full) throw new LimitError('disk-full', 'No space left.', 'Make room, then try again.');
    this.saves += 1;
    this.profiles.set(`${camera} ${profile.modelDigest}`, profile);
    return { profile, digest: profileDigest };
  }

  async followed(): Promise<ReadonlyMap<string, FollowedOrder>> {
    return new Map(this.orders);
  }

  async follow(camera: string, order: FollowedOrder): Promise<void> {
    this.orders.set(camera, order);
  }
}

/** Learns at once, on the spot. */
export class FakeLearner implements Learner {
  readonly #builder: ProfileBuilder;
  failure: Error | undefined;
  closed = false;

  constructor(options: ProfileOptions) {
    this.#builder = new ProfileBuilder(options);
  }

  get progress() {
    return this.#builder.progress;
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  observe(thumbnail: Thumbnail, result: PerceptionResult, atMs: number): void {
    this.#builder.observe(thumbnail, result, atMs);
  }

  async finish(): Promise<ReferenceProfile> {
    if (this.failure !== undefined) throw this.failure;
    return this.#builder.finish();
  }

  close(): void {
    this.closed = true;
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
    if (found === undefined) throw new InputError('file-missing', `No frame ${id}.`, '');
    return found;
  }
}

export interface FakeDrift extends DriftDeskPorts {
  readonly profiles: FakeProfileStore;
  readonly frames: FakeFrameStore;
  readonly learners: FakeLearner[];
}

/** Everything a watch is plugged to, in memory. A JPEG has 1000 bytes unless a test says otherwise. */
export function driftPorts(
  clock: FakeClock,
  told: Occurrence[],
  over: Partial<DriftDeskPorts> = {},
): FakeDrift {
  const learners: FakeLearner[] = [];
  return {
    clock,
    log: silentLog,
    random: () => 0.5,
    newLearner: (options) => {
      const learner = new FakeLearner(options);
      learners.push(learner);
      return learner;
    },
    encode: async () => new Uint8Array(1000),
    tell: (occurrence) => void told.push(occurrence),
    threshold: () => 0.25,
    ...over,
    profiles: new FakeProfileStore(),
    frames: new FakeFrameStore(),
    learners,
  };
}
