import type { Clock, GoshawkError } from '../../base/index.ts';
import type {
  DetectionSettings,
  DetectorIdentity,
  DetectorResult,
  PerceptionResult,
  TrackedDetection,
} from '../detection.ts';
import type { Frame, FrameSource } from '../frame.ts';
import { type CameraSettings, checkSettings, defaultCameraSettings } from '../settings.ts';
import { defaultTrackerOptions, Tracker, type TrackerOptions } from '../tracker/index.ts';
import type { FrameCounts } from './frame-counts.ts';
import { RecentValues, type Summary } from './recent-values.ts';
import { mainSlot } from './slots.ts';

/** What came back for one frame, with what was asked and who answered. */
export interface Inference {
  readonly result: DetectorResult;
  readonly settings: CameraSettings;
  readonly identity: DetectorIdentity;
}

/** A snapshot; summaries are over the last 1024 frames of the detector that serves. */
export interface CameraStats {
  readonly camera: string;
  readonly settings: CameraSettings;
  /** Of its main node, as all numbers of a camera. */
  readonly frames: FrameCounts;
  /** Published since the start. */
  readonly detections: number;
  /** Published frames per second over the last 5 s. */
  readonly framesPerSecond: number;
  /** From the stamp to publishing, milliseconds. */
  readonly captureToPublishMs: Summary;
  readonly preprocessMs: Summary;
  readonly inferMs: Summary;
  readonly postprocessMs: Summary;
  /** Frames whose stamp lay in the future when they were published. */
  readonly futureStamps: number;
  /** Frames that the source itself lost: gaps of its sequence. */
  readonly lostBySource: number;
  /** Tracks that live now. */
  readonly tracks: number;
  /** The present fault, in words. */
  readonly fault?: string;
  readonly ended: boolean;
}

interface StreamOptions {
  readonly clock: Clock;
  readonly tracker?: Partial<Omit<TrackerOptions, 'highThreshold'>> | false;
}

const rateSpanMs = 5000;
const mostFaultsTold = 20;

/** One camera of a pipeline: its settings, tracker and numbers. */
export class CameraStream {
  readonly source: FrameSource;
  opened = false;
  /** No more frames will come. */
  ended = false;
  readonly #clock: Clock;
  readonly #tracker: Tracker | undefined;
  readonly #lowThreshold: number;
  readonly #latency = new RecentValues();
  readonly #published = new RecentValues();
  readonly #preprocess = new RecentValues();
  readonly #infer = new RecentValues();
  readonly #postprocess = new RecentValues();
  #settings: CameraSettings;
  #requested: DetectionSettings | undefined;
  #lastSequence: number | undefined;
  #lostBySource = 0;
  #futureStamps = 0;
  #detections = 0;
  #fault: GoshawkError | undefined;
  #lost: GoshawkError | undefined;
  /** Said since a frame last came through: each broken picture of a folder is named, thousands are no flood. */
  readonly #told = new Set<string>();

  constructor(source: FrameSource, options: StreamOptions, settings: Partial<CameraSettings>) {
    this.source = source;
    this.#clock = options.clock;
    this.#settings = { ...defaultCameraSettings, ...settings };
    checkSettings(this.#settings);
    const tracker = options.tracker ?? {};
    this.#lowThreshold =
      tracker === false
        ? Number.POSITIVE_INFINITY
        : (tracker.lowThreshold ?? defaultTrackerOptions.lowThreshold);
    this.#tracker =
      tracker === false
        ? undefined
        : new Tracker({ ...tracker, highThreshold: this.#settings.scoreThreshold });
  }

  get settings(): CameraSettings {
    return this.#settings;
  }

  configure(settings: Partial<CameraSettings>): void {
    const next = { ...this.#settings, ...settings };
    checkSettings(next);
    this.#settings = next;
    this.#requested = undefined;
  }

  /** What the detector is asked for: down to the tracker's low threshold, since a weak box may continue a track. */
  requested(): DetectionSettings {
    this.#requested ??= {
      scoreThreshold: Math.min(this.#settings.scoreThreshold, this.#lowThreshold),
      iouThreshold: this.#settings.iouThreshold,
      maxDetections: this.#settings.maxDetections,
      classes: this.#settings.classes,
    };
    return this.#requested;
  }

  received(frame: Frame): void {
    const last = this.#lastSequence;
    this.#lastSequence = frame.sequence;
    // A sequence that starts again is a source that started again.
    if (last !== undefined && frame.sequence > last + 1) this.#lostBySource += frame.sequence - last - 1;
  }

  /** Tracks, measures and gives what is published. `serves`: the detector that answered is the one that serves now. */
  complete(frame: Frame, { result, settings, identity }: Inference, serves: boolean): PerceptionResult {
    const detections = this.#track(result, settings, frame.stampNs);
    const latency = Number(this.#clock.wallNs() - frame.stampNs) / 1e6;
    if (latency < 0) this.#futureStamps += 1;
    const captureToPublishMs = Math.max(0, latency);
    this.#published.add(this.#clock.monotonicMs());
    if (serves) {
      this.#latency.add(captureToPublishMs);
      this.#preprocess.add(result.timings.preprocessMs);
      this.#infer.add(result.timings.inferMs);
      this.#postprocess.add(result.timings.postprocessMs);
    }
    this.#detections += detections.length;
    return {
      camera: frame.camera,
      node: 'detect',
      slot: mainSlot,
      sequence: frame.sequence,
      stampNs: frame.stampNs,
      frameId: frame.frameId,
      width: frame.width,
      height: frame.height,
      detections,
      identity,
      timings: result.timings,
      candidates: result.candidates,
      ...(result.thumbnail === undefined ? {} : { thumbnail: result.thumbnail }),
      ...(result.embedding === undefined ? {} : { embedding: result.embedding }),
      captureToPublishMs,
    };
  }

  #track(result: DetectorResult, settings: CameraSettings, stampNs: bigint): readonly TrackedDetection[] {
    if (!this.#tracker) return result.detections;
    this.#tracker.configure({ highThreshold: settings.scoreThreshold });
    return this.#tracker.update(result.detections, stampNs);
  }

  /** True when this fault is news. */
  noteFault(error: GoshawkError): boolean {
    this.#fault = error;
    if (this.#told.has(error.message) || this.#told.size >= mostFaultsTold) return false;
    this.#told.add(error.message);
    return true;
  }

  /** True when there was a fault. */
  clearFault(): boolean {
    const had = this.#fault !== undefined;
    this.#fault = undefined;
    this.#told.clear();
    return had;
  }

  /** The camera is gone until a frame comes. */
  noteLost(error: GoshawkError): void {
    this.#lost = error;
  }

  /** A frame came: true when the camera was gone. */
  noteBack(): boolean {
    const was = this.#lost !== undefined;
    this.#lost = undefined;
    return was;
  }

  /** Another detector serves: times of the one before say nothing of it. */
  resetTimes(): void {
    for (const times of [this.#latency, this.#preprocess, this.#infer, this.#postprocess]) times.clear();
  }

  stats(frames: FrameCounts): CameraStats {
    const fault = this.#lost ?? this.#fault;
    return {
      camera: this.source.camera,
      settings: this.#settings,
      frames,
      detections: this.#detections,
      framesPerSecond: this.#published.ratePerSecond(this.#clock.monotonicMs(), rateSpanMs),
      captureToPublishMs: this.#latency.summary(),
      preprocessMs: this.#preprocess.summary(),
      inferMs: this.#infer.summary(),
      postprocessMs: this.#postprocess.summary(),
      futureStamps: this.#futureStamps,
      lostBySource: this.#lostBySource,
      tracks: this.#tracker?.size ?? 0,
      ...(fault ? { fault: fault.explain() } : {}),
      ended: this.ended,
    };
  }
}
