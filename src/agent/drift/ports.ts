import type { ProfileOptions, ProfileProgress, ReferenceProfile, Thumbnail } from '../../drift/index.ts';
import type { Box, Frame, PerceptionResult } from '../../perception/index.ts';
import type { HardFrame, LearnOrder } from '../../protocol/index.ts';

export interface KeptProfile {
  readonly profile: ReferenceProfile;
  /** sha256 of its file. */
  readonly digest: string;
}

/** What became of an order to learn. */
export interface FollowedOrder {
  readonly order: LearnOrder['order'];
  readonly state: 'done' | 'failed';
  readonly reason?: string;
}

/** Port: the reference profiles on the disk. */
export interface ProfileStore {
  /**
   * What was learned here, else what came with the bundle; undefined where there is none. Rejects with a GoshawkError for
   * one that is damaged or belongs to another model.
   */
  load(camera: string, modelDigest: string): Promise<KeptProfile | undefined>;
  /** Resolves when it would survive a power cut. */
  save(camera: string, profile: ReferenceProfile): Promise<KeptProfile>;
  /** By camera. Never rejects: an order that is followed twice does no harm. */
  followed(): Promise<ReadonlyMap<string, FollowedOrder>>;
  follow(camera: string, order: FollowedOrder): Promise<void>;
}

/** Port: learns a profile away from the event loop; the end takes seconds of CPU. */
export interface Learner {
  /** Copies what it needs. */
  observe(thumbnail: Thumbnail, result: PerceptionResult, atMs: number): void;
  /** As far as it is known; some frames behind. */
  readonly progress: ProfileProgress;
  /** It will learn no more; `finish` says why. */
  readonly failed: boolean;
  /** Rejects with a GoshawkError when there is too little, or when it died. */
  finish(): Promise<ReferenceProfile>;
  close(): void;
}
export type NewLearner = (options: ProfileOptions) => Learner;

/** Port: hard frames on the disk. Every promise may reject with a GoshawkError: a disk that is full, a file that is gone. */
export interface FrameStore {
  /** What is there and whole, oldest first. */
  open(): Promise<readonly FrameEntry[]>;
  write(frame: HardFrame, jpeg: Uint8Array): Promise<void>;
  meta(id: string): Promise<HardFrame>;
  /** At most `most` bytes of the JPEG from `offset` on, in base64, and the size of all of it. */
  piece(id: string, offset: number, most: number): Promise<{ readonly size: number; readonly jpeg: string }>;
  remove(id: string): Promise<void>;
}

/** What is kept in memory of a hard frame. */
export type FrameEntry = Pick<HardFrame, 'id' | 'camera' | 'timeMs' | 'reason' | 'bytes'>;

/** Port: a JPEG of a frame with these boxes made unrecognisable. Reads the pixels before it returns. */
export type EncodeFrame = (frame: Frame, hidden: readonly Box[]) => Promise<Uint8Array>;

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
}
