import { GoshawkError, LimitError, RefusedError } from '../base/index.ts';
import type { SentResult } from '../protocol/index.ts';
import type { LeftOutReason } from './counts.ts';

/** What streams carry. A further kind is one more member, told apart by `type`. */
export type StreamMessage = SentResult;

export interface Outgoing {
  readonly message: StreamMessage;
  /** The same as JSON. */
  readonly text: string;
}

/**
 * Port: one way out. It accounts for what it took: each message is counted as sent or left out, once.
 * Promises: test/contract/outlet.ts.
 */
export interface Outlet {
  /** Takes it over and returns at once; never throws. */
  take(outgoing: Outgoing): void;
  /** A camera is there, or not. */
  camera?(camera: string, there: boolean): void;
  /** Pictures that it wants of a camera now. */
  wantsPicture?(camera: string): PictureRequest | undefined;
  picture?(picture: StreamPicture): void;
  /** Resolves when there is room for more; for a recording, which waits. Default: there is. */
  room?(): Promise<void>;
  /** Gives what waits this long; what is left is counted as left out. */
  close(graceMs: number): Promise<void>;
}

export interface PictureRequest {
  /** A second, at most. */
  readonly fps: number;
  readonly maxWidth: number;
}

export interface StreamPicture {
  readonly camera: string;
  readonly stampNs: bigint;
  readonly frameId: string;
  /** A JPEG as base64: what carries it is JSON. */
  readonly jpeg: string;
}

/** Why a message that could not be delivered is left out. */
export function reasonOf(error: unknown): LeftOutReason {
  if (!(error instanceof GoshawkError)) return 'failed';
  if (error.code === 'budget-spent') return 'budget';
  if (error.code === 'transport-offline' || error.code === 'transport-refused') return 'offline';
  if (error.code === 'message-too-large') return 'size';
  if (error instanceof RefusedError) return 'refused';
  return error instanceof LimitError && error.code === 'transport-busy' ? 'slow' : 'failed';
}
