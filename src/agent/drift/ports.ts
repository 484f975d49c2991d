import type { GoshawkError } from '../../base/index.ts';
import type { ProfileOptions, ProfileProgress, ReferenceProfile, WatchedResult } from '../../drift/index.ts';
import type { Box, Frame, Thumbnail } from '../../perception/index.ts';
import type { CallRequestOf, CallResultOf, HardFrame, LearnOrder } from '../../protocol/index.ts';
import type { Polygon } from '../privacy.ts';

export interface KeptProfile {
  readonly profile: ReferenceProfile;
  /** sha256 of its file. */
  readonly digest: string;
}

/** A profile that was just learned, with the file that keeps it: to write it out takes longer than a frame may wait. */
export interface LearnedProfile extends KeptProfile {
  readonly bytes: Uint8Array;
}

/** What became of an order to learn. */
export interface FollowedOrder {
  readonly order: LearnOrder['order'];
  readonly state: 'done' | 'failed';
  readonly reason?: string;
}

/**
 * Port: the reference profiles on the disk. Reads and checks them away from the event loop. Promises:
 * test/contract/profile-store.ts.
 */
export interface ProfileStore {
  /**
   * What was learned here, else what came with the bundle; undefined where there is none. Rejects with a GoshawkError for
   * one that is damaged or belongs to another model.
   */
  load(camera: string, modelDigest: string): Promise<KeptProfile | undefined>;
  /** Resolves when it would survive a power cut. */
  save(camera: string, learned: LearnedProfile): Promise<KeptProfile>;
  /** By camera. Never rejects: an order that is followed twice does no harm. */
  followed(): Promise<ReadonlyMap<string, FollowedOrder>>;
  /** Never rejects. Cameras may follow theirs at the same time. */
  follow(camera: string, order: FollowedOrder): Promise<void>;
}

/**
 * Port: learns a profile away from the event loop; the end takes seconds of CPU. What goes wrong before is told by `finish`.
 * Promises: test/contract/learner.ts.
 */
export interface Learner {
  /** Copies what it needs. */
  observe(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void;
  /** As far as it is known; some frames behind. */
  readonly progress: ProfileProgress;
  /** It will learn no more; `finish` says why. */
  readonly failed: boolean;
  /** Rejects with a GoshawkError when there is too little, or when it died. */
  finish(): Promise<LearnedProfile>;
  /** Ends it; what was kept of it waits for the next start. */
  close(): void;
  /** Ends it for good: nothing of it is kept. */
  discard(): void;
}

/** A learner that goes on where an earlier life of the agent was, if that was with the same order and the same options. */
export interface LearnerOptions extends ProfileOptions {
  readonly order: LearnOrder['order'];
  /** Seconds of learning that a power cut costs at most. */
  readonly keepEverySeconds: number;
  /** The stored progress can't be used, so it starts over. */
  readonly onLost: (error: GoshawkError) => void;
}
export type NewLearner = (options: LearnerOptions) => Learner;

/**
 * Port: hard frames on the disk. Every promise may reject with a GoshawkError: a disk that is full, `file-missing` for a
 * frame that is not there. Promises: test/contract/frame-store.ts.
 */
export interface FrameStore {
  /** What is there and whole, oldest first. */
  open(): Promise<readonly FrameEntry[]>;
  /** Takes the place of a frame with the same id. After a rejection nothing of it is there. */
  write(frame: HardFrame, jpeg: Uint8Array): Promise<void>;
  meta(id: string): Promise<HardFrame>;
  /** At most `most` bytes of the JPEG from `offset` on, in base64, and the size of all of it. */
  piece(id: string, offset: number, most: number): Promise<{ readonly size: number; readonly jpeg: string }>;
  /** One that is not there is no error. */
  remove(id: string): Promise<void>;
}

/** What is kept in memory of a hard frame. */
export type FrameEntry = Pick<HardFrame, 'id' | 'camera' | 'timeMs' | 'reason' | 'bytes'>;

/** Port: a JPEG of a frame with these boxes made unrecognisable and masks black. Reads the pixels before it returns. */
export type EncodeFrame = (
  frame: Frame,
  hidden: readonly Box[],
  masks: readonly Polygon[],
) => Promise<Uint8Array>;

export interface Answer {
  /** The golden frame. */
  readonly frame: string;
  readonly modelDigest: string;
  readonly engine: string;
  /** 0..1; undefined where nothing came back. */
  readonly agreement: number | undefined;
  readonly wanted: number;
}

/** Port: frames with a known answer, through the live engine. */
export interface KnownAnswers {
  /** One frame, another one each time; undefined where the model that runs has none. */
  one(): Promise<Answer | undefined>;
  /** All of them: what a deployment is held to. */
  all(): Promise<Answer | undefined>;
  /** What the live model finds on golden frames that the controller changed. RefusedError `challenge-refused`. */
  challenge(request: CallRequestOf<'challenge'>): Promise<CallResultOf<'challenge'>>;
}
