import type { Clip } from '../../protocol/index.ts';
import type { Polygon } from '../privacy.ts';
import type { HiddenMoment } from './hidden-track.ts';
import type { StreamPart } from './packet-ring.ts';

/** A part of a clip, and what has to be hidden on its pictures. */
export interface ClipPart extends Omit<StreamPart, 'stretch'> {
  readonly moments: readonly HiddenMoment[];
}

/** What of a clip's pictures may not be seen. */
export interface ClipHiding {
  /** Persons, faces and plates are hidden. */
  readonly blurred: boolean;
  /** Always black. */
  readonly masks: readonly Polygon[];
}

export interface ClipJob {
  readonly parts: readonly ClipPart[];
  /** Absent: nothing has to be hidden. */
  readonly hide?: ClipHiding;
}

/** What was written. */
export type WrittenClip = Pick<Clip, 'durationMs' | 'codec' | 'width' | 'height' | 'bytes' | 'encoded'>;

/** Port: makes an MP4 that plays, at `path`. Rejects with a GoshawkError; what it wrote may be left there then. */
export type WriteClip = (path: string, job: ClipJob, signal: AbortSignal) => Promise<WrittenClip>;

/**
 * Port: clips on the disk. Every promise may reject with a GoshawkError: `file-missing` for a clip that is not there. Promises:
 * test/contract/clip-store.ts.
 */
export interface ClipStore {
  /** What is there and whole, oldest first; what an earlier life left half goes. */
  open(): Promise<readonly Clip[]>;
  /** Where a clip is written before it is one. */
  draft(id: string): string;
  /** Makes a clip of its draft. After a rejection nothing of it is there. */
  keep(clip: Clip): Promise<void>;
  /** Removes a draft; one that is not there is no error. */
  discard(id: string): Promise<void>;
  /** At most `most` bytes from `offset` on, in base64, and the size of all of it. */
  piece(id: string, offset: number, most: number): Promise<{ readonly size: number; readonly data: string }>;
  /** One that is not there is no error. */
  remove(id: string): Promise<void>;
}
