import { type Clock, defined } from '../../base/index.ts';
import { answerOf } from '../answer/answer.ts';
import {
  type Detection,
  type DetectionRequest,
  defaultDetectionSettings,
  type PerceptionResult,
  type StageTimings,
  type TrackedDetection,
} from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { CameraSettings } from '../settings.ts';
import {
  defaultTrackerOptions,
  type IdentityGallery,
  type Looks,
  Tracker,
  type TrackerOptions,
} from '../tracker/index.ts';
import { FaultNotes } from './fault-notes.ts';
import { RecentValues, type Summary } from './recent-values.ts';
import { isFiltered, narrowed, type Sought, unfiltered, widened } from './sought.ts';
import type { Inference } from './task.ts';

export interface StreamOptions {
  readonly clock: Clock;
  readonly tracker?: Partial<Omit<TrackerOptions, 'highThreshold'>> | false;
  /** Labels that are always looked for: what is found of them is `sought` of the result, whatever a camera's settings say. */
  readonly seeks?: Sought;
  /** Who was seen by any camera; for nodes that re-identify. */
  readonly identities?: IdentityGallery;
  /**
   * Sensor and network are watched: results also hold the thumbnail of the frame, what the task says of its answer, and what
   * the network says at the usual settings (`unfiltered`), so that another filter of a camera is no change of its model.
   */
  readonly watched?: boolean;
}

/** Numbers of what a node on frames gave; summaries are over the last 1024 frames of the detector that serves. */
export interface StreamStats {
  /** Published since the start. */
  readonly detections: number;
  /** Published frames per second over the last 5 s. */
  readonly framesPerSecond: number;
  /** From the stamp to publishing, milliseconds. */
  readonly captureToPublishMs: Summary;
  readonly preprocessMs: Summary;
  readonly inferMs: Summary;
  readonly postprocessMs: Summary;
  /** Frames whose stamp lay in the future when they were published, by less than a stale one. */
  readonly futureStamps: number;
  /** Tracks that live now. */
  readonly tracks: number;
}

const rateSpanMs = 5000;

/** What one node on frames gives: tracks, results and their numbers. */
export class NodeStream {
  readonly faults = new FaultNotes();
  readonly #clock: Clock;
  readonly #tracker: Tracker | undefined;
  readonly #lowThreshold: number;
  readonly #latency = new RecentValues();
  readonly #published = new RecentValues();
  readonly #stages = {
    preprocessMs: new RecentValues(),
    inferMs: new RecentValues(),
    postprocessMs: new RecentValues(),
  };
  readonly #camera: string;
  readonly #seeks: StreamOptions['seeks'];
  readonly #watched: boolean;
  readonly #watch: Tracker | undefined;
  #requestedFor: CameraSettings | undefined;
  #requestedOf: readonly string[] = [];
  #requested: DetectionRequest | undefined;
  #futureStamps = 0;
  #detections = 0;

  constructor(
    { clock, tracker = {}, seeks, identities, watched = false }: StreamOptions,
    camera: string,
    highThreshold: number,
  ) {
    this.#camera = camera;
    this.#clock = clock;
    this.#seeks = seeks;
    this.#lowThreshold =
      tracker === false
        ? Number.POSITIVE_INFINITY
        : (tracker.lowThreshold ?? defaultTrackerOptions.lowThreshold);
    this.#tracker = tracker === false ? undefined : new Tracker({ ...tracker, highThreshold }, identities);
    this.#watched = watched;
    if (watched && tracker !== false) this.#watch = new Tracker(tracker);
  }

  /** What the detector is asked for: down to the tracker's low threshold, since a weak box may continue a track. */
  requested(settings: CameraSettings, labels: readonly string[]): DetectionRequest {
    if (this.#requested === undefined || this.#requestedFor !== settings || this.#requestedOf !== labels) {
      this.#requestedFor = settings;
      this.#requestedOf = labels;
      const { scoreThreshold, iouThreshold, maxDetections, classes } = settings;
      const asked = { scoreThreshold: Math.min(scoreThreshold, this.#lowThreshold), iouThreshold };
      const filtered = { ...asked, maxDetections, classes };
      const all = this.#watch === undefined ? filtered : unfiltered(filtered);
      const request = widened(all, labels, this.#seeks, this.#camera);
      this.#requested = this.#watched ? { ...request, thumbnail: true } : request;
    }
    return this.#requested;
  }

  /** Called in the order of the frames. */
  track({ result, settings }: Inference, stampNs: bigint): readonly TrackedDetection[] {
    return this.follow(narrowed(result.detections, settings), settings, stampNs);
  }

  /** What `track` follows, the strong ones and the weak ones that may continue a track. */
  candidates({ result, settings }: Inference): {
    readonly strong: readonly Detection[];
    readonly weak: readonly Detection[];
  } {
    const all = narrowed(result.detections, settings);
    const isStrong = ({ score }: Detection) => score >= settings.scoreThreshold;
    return { strong: all.filter(isStrong), weak: all.filter((found) => !isStrong(found)) };
  }

  /** Called in the order of the frames. */
  follow(
    detections: readonly TrackedDetection[],
    { scoreThreshold }: CameraSettings,
    stampNs: bigint,
    looks?: Looks,
  ): readonly TrackedDetection[] {
    if (!this.#tracker) return detections.filter(({ score }) => score >= scoreThreshold);
    this.#tracker.configure({ highThreshold: scoreThreshold });
    return this.#tracker.update(detections, stampNs, looks);
  }

  /** In the order of the frames, too. Undefined where nobody watches, or where the settings filter nothing. */
  unfiltered({ result, settings }: Inference, stampNs: bigint): readonly TrackedDetection[] | undefined {
    if (this.#watch === undefined || !isFiltered(settings)) return undefined;
    return this.#watch.update(narrowed(result.detections, defaultDetectionSettings), stampNs);
  }

  /** Undefined where nothing is always looked for. */
  sought(detections: readonly Detection[]): readonly Detection[] | undefined {
    const seeks = this.#seeks;
    return seeks === undefined ? undefined : detections.filter(({ label }) => seeks.label(label));
  }

  /** What is published, measured. `serves`: the detector that answered is the one that serves now. */
  complete(
    frame: Frame,
    where: Pick<PerceptionResult, 'node' | 'slot' | 'further'>,
    { result, identity }: Inference,
    { detections, unfiltered }: Pick<PerceptionResult, 'detections' | 'unfiltered'>,
    serves: boolean,
  ): PerceptionResult {
    const latency = Number(this.#clock.wallNs() - (frame.handedOverNs ?? frame.stampNs)) / 1e6;
    if (latency < 0) this.#futureStamps += 1;
    const captureToPublishMs = Math.max(0, latency);
    this.#published.add(this.#clock.monotonicMs());
    if (serves) this.#measure(result.timings, captureToPublishMs);
    this.#detections += detections.length;
    const sought = this.sought(result.detections);
    // A model of embeddings has no other answer: drift is watched in its vector.
    const embedding = result.embedding ?? result.detections[0]?.embedding;
    const answer = this.#watched ? answerOf(identity, result, frame) : undefined;
    return {
      camera: frame.camera,
      ...where,
      sequence: frame.sequence,
      stampNs: frame.stampNs,
      frameId: frame.frameId,
      width: frame.width,
      height: frame.height,
      ...defined({ origin: frame.origin }),
      detections,
      ...defined({ unfiltered, sought }),
      identity,
      timings: result.timings,
      candidates: result.candidates,
      ...defined({ thumbnail: result.thumbnail, embedding, answer }),
      captureToPublishMs,
    };
  }

  /** Another detector serves: times of the one before say nothing of it. */
  resetTimes(): void {
    this.#latency.clear();
    for (const times of Object.values(this.#stages)) times.clear();
  }

  stats(): StreamStats {
    const { preprocessMs, inferMs, postprocessMs } = this.#stages;
    return {
      detections: this.#detections,
      framesPerSecond: this.#published.ratePerSecond(this.#clock.monotonicMs(), rateSpanMs),
      captureToPublishMs: this.#latency.summary(),
      preprocessMs: preprocessMs.summary(),
      inferMs: inferMs.summary(),
      postprocessMs: postprocessMs.summary(),
      futureStamps: this.#futureStamps,
      tracks: this.#tracker?.size ?? 0,
    };
  }

  #measure(timings: StageTimings, captureToPublishMs: number): void {
    this.#latency.add(captureToPublishMs);
    this.#stages.preprocessMs.add(timings.preprocessMs);
    this.#stages.inferMs.add(timings.inferMs);
    this.#stages.postprocessMs.add(timings.postprocessMs);
  }
}
