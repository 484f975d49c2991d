import type { GoshawkError } from '../base/index.ts';
import type { DeviceMemory } from './device-memory.ts';

/** ROS sensor_msgs image encodings that the preprocessors read, and `jpeg` for compressed frames. */
export const encodings = ['rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv', 'jpeg'] as const;
export type Encoding = (typeof encodings)[number];

/** The bytes of one frame, owned by whoever holds the frame; `release` gives them back to their pool. */
export interface Pixels {
  readonly data: Uint8Array;
  /**
   * Where the frame still lies in the pieces in which it came, for native code alone: `bytes` is where it will lie, `pieces`
   * is what the addon reads them by. To read `data` puts it together.
   */
  readonly scattered?: { readonly bytes: Uint8Array; readonly pieces: object };
  /**
   * Where the picture stayed where its decoder put it, for native code alone: `picture` is what the addon reads it by. To read
   * `data` copies it, once.
   */
  readonly device?: { readonly memory: DeviceMemory; readonly picture: object };
  /**
   * Absent: `data` costs nothing. Else reading it converts the picture on the calling thread, unless this was waited for, which
   * has it converted on another one. May be called by each user; rejects where the picture can't be converted.
   */
  readonly prepare?: () => Promise<void>;
  /** Called exactly once, by the last user. After it `data` may hold another frame. */
  release(): void;
}

/** One picture of one camera. Immutable; the scheduler releases its pixels when it is done or superseded. */
export interface Frame {
  /** Name of the camera within the device, e.g. `front`. */
  readonly camera: string;
  /** Counts up per camera from 0; a gap means the source itself lost frames. */
  readonly sequence: number;
  /** When the picture was taken, nanoseconds since 1970 on the camera's clock (ROS header stamp). */
  readonly stampNs: bigint;
  /** ROS header frame_id, e.g. `camera_front_optical`. */
  readonly frameId: string;
  /** Pixels. For `jpeg` the size in the header of the file. */
  readonly width: number;
  readonly height: number;
  readonly encoding: Encoding;
  /** Bytes from one row to the next (of the luma plane for nv12); 0 for jpeg. */
  readonly step: number;
  readonly pixels: Pixels;
  /** What of a recording it is; absent from a camera. */
  readonly origin?: FrameOrigin;
  /**
   * Wall clock when a frame was handed over whose stamp is not of this clock, as of a recording: latency counts from here. Absent: from the stamp.
   */
  readonly handedOverNs?: bigint;
  /** Its stamp should be of this clock and is not (`isStaleStamp`); it has `handedOverNs` then. */
  readonly staleStamp?: boolean;
}

/** Where in a recording a frame stands. */
export interface FrameOrigin {
  /** File of the picture, of the video, of the bag. */
  readonly name: string;
  /** Of the picture in the folder or the video, from 0. */
  readonly index: number;
  /** From the beginning of a recording that knows time. */
  readonly timeMs?: number;
}

/** What a live source counts while it is open. */
export interface SourceCounts {
  /** As they came in, still compressed; absent where nobody knows. */
  readonly bytes?: number;
  /** Pictures, or parts of them, that came and could not be read. */
  readonly decodeErrors: number;
  /** Of a source that was asked to leave pictures where they are. */
  readonly memory?: MemoryCounts;
}

/** What became of pictures that need not have been copied. */
export interface MemoryCounts {
  /** Handed over where they are. */
  readonly inPlace: number;
  /** Copied all the same, when they came: too many were held, or they lay in a way that nobody reads. */
  readonly copied: number;
  /** Copied later, because somebody on the processor asked for their pixels. */
  readonly mapped: number;
  /** Buffers of the decoder that are held now. */
  readonly held: number;
}

/** How a live source fares, over all of its connections. */
export interface SourceHealth extends SourceCounts {
  /** Wall clock of the first frame of the present connection; absent while there is none. */
  readonly connectedSinceMs?: number;
  /** Connections that gave a frame. */
  readonly connects: number;
  readonly frames: number;
  /** Absent before the first frame. */
  readonly lastFrameAgeMs?: number;
}

/** What a source hands its frames to. */
export interface FrameReceiver {
  /**
   * Takes over the frame. A live source ignores the result; a source that replays a recording waits for it,
   * so that no frame of a folder or a file is lost.
   */
  frame(frame: Frame): void | Promise<void>;
  /** Something went wrong with one frame or with the camera; the source goes on if it can. */
  fault(error: GoshawkError): void;
  /** The camera is gone, or not there yet; the source tries again by itself, and its next frame says that it is back. */
  lost?(error: GoshawkError): void;
  /** The source has no more frames (end of a folder or a file). */
  end(): void;
}

/**
 * Port: where frames come from. `open` acts, `close` undoes, also one that is under way; no call to the receiver after `close`
 * resolved. A recording that waits for its receiver closes when the receiver has taken its frame. Promises:
 * test/contract/frame-source.ts.
 */
export interface FrameSource {
  readonly camera: string;
  open(receiver: FrameReceiver): Promise<void>;
  close(): Promise<void>;
  /** Since it was opened; a source that counts nothing has none. */
  inputCounts?(): SourceCounts;
  /** Of a supervised live source. */
  health?(): SourceHealth | undefined;
}
