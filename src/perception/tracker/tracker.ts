import { boxIou } from '../box.ts';
import type { Detection, TrackedDetection } from '../detection.ts';
import { assign } from './assignment.ts';
import { BoxMotion } from './motion.ts';

export interface TrackerOptions {
  /** Detections from here on start tracks and are matched first, 0..1. */
  readonly highThreshold: number;
  /** Weaker detections down to here only continue tracks; the detector must be asked for them. */
  readonly lowThreshold: number;
  /** Smallest IoU of a detection with the expected box of a track. */
  readonly minIou: number;
  /** The same for a weak detection, which is more easily a wrong one. */
  readonly minIouLow: number;
  /** How long an unseen track is kept, milliseconds of the camera's time; more than the time between two frames. */
  readonly lostMs: number;
  /** Matches, the first included, until a track gets its id. */
  readonly confirmHits: number;
}

export const defaultTrackerOptions: TrackerOptions = {
  highThreshold: 0.25,
  lowThreshold: 0.1,
  minIou: 0.2,
  minIouLow: 0.5,
  lostMs: 1000,
  confirmHits: 2,
};

interface Track {
  readonly label: string;
  readonly motion: BoxMotion;
  /** Given when it is confirmed, so that ids of noise are not used up. */
  id: number | undefined;
  hits: number;
  /** Seconds since it was seen. */
  unseen: number;
}

/** Used for a step whose stamps tell nothing before any did: 30 frames/s. */
const nominalStep = 1 / 30;

/**
 * ByteTrack (Zhang et al. 2022) for one camera: strong detections are matched to tracks first, weak ones then to the
 * tracks that are left, so that an object that is half hidden keeps its id. Classes are compared by name, so tracks live
 * through a change of model. Time comes from the stamps, so frame rates may vary and frames may be missing.
 *
 * INVARIANTS
 * - an id is never given twice, and a track keeps its id and its label;
 * - no two detections of one frame carry the same id;
 * - stamps that stand still or go back count as one usual step: tracks neither jump nor live for ever.
 */
export class Tracker {
  #options: TrackerOptions;
  #tracks: Track[] = [];
  #nextId = 1;
  #lastStampNs: bigint | undefined;
  #usualStep = nominalStep;

  constructor(options: Partial<TrackerOptions> = {}) {
    this.#options = { ...defaultTrackerOptions, ...options };
  }

  /** Changes thresholds while it runs; tracks stay. */
  configure(options: Partial<TrackerOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Tracks that have an id, unseen ones included. */
  get size(): number {
    return this.#tracks.filter(({ id }) => id !== undefined).length;
  }

  /**
   * The detections of one frame with the ids of their tracks, in the order given. Weak ones that continue no track are
   * left out.
   */
  update(detections: readonly Detection[], stampNs: bigint): TrackedDetection[] {
    const { highThreshold, lowThreshold, minIou, minIouLow, lostMs, confirmHits } = this.#options;
    const seconds = this.#step(stampNs);
    for (const track of this.#tracks) {
      track.motion.predict(seconds, track.unseen === 0);
      track.unseen += seconds;
    }
    // Before matching: after a long gap what stands at the old place need not be the old object.
    this.#tracks = this.#tracks.filter(({ unseen }) => unseen * 1000 <= lostMs);
    const matched = new Map<Detection, Track>();
    const high = detections.filter(({ score }) => score >= highThreshold);
    const low = detections.filter(({ score }) => score < highThreshold && score >= lowThreshold);

    const confirmed = this.#tracks.filter(({ id }) => id !== undefined);
    const highLeft = match(confirmed, high, minIou, matched);
    // Only tracks that were seen a moment ago go on with weak detections: an old expectation fits too much.
    const taken = new Set(matched.values());
    const seenBefore = confirmed.filter((track) => track.unseen <= seconds && !taken.has(track));
    match(seenBefore, low, minIouLow, matched);
    const tentative = this.#tracks.filter(({ id }) => id === undefined);
    const fresh = match(tentative, highLeft, minIou, matched);

    for (const [detection, track] of matched) {
      track.motion.update(detection.box);
      track.unseen = 0;
      track.hits += 1;
    }
    for (const detection of fresh) {
      const track: Track = {
        label: detection.label,
        motion: new BoxMotion(detection.box),
        id: undefined,
        hits: 1,
        unseen: 0,
      };
      this.#tracks.push(track);
      matched.set(detection, track);
    }
    for (const track of this.#tracks) {
      if (track.id === undefined && track.hits >= confirmHits) {
        track.id = this.#nextId;
        this.#nextId += 1;
      }
    }
    // A track that was never confirmed gets no second chance.
    this.#tracks = this.#tracks.filter(({ id, unseen }) => id !== undefined || unseen === 0);
    return detections.flatMap((detection) => {
      const track = matched.get(detection);
      if (track?.id !== undefined) return [{ ...detection, trackId: track.id }];
      return detection.score >= highThreshold ? [detection] : [];
    });
  }

  #step(stampNs: bigint): number {
    const last = this.#lastStampNs;
    this.#lastStampNs = stampNs;
    if (last === undefined) return 0;
    const seconds = Number(stampNs - last) / 1e9;
    if (!(seconds > 0)) return this.#usualStep;
    // Gaps are not usual steps.
    if (seconds * 1000 <= this.#options.lostMs) this.#usualStep += 0.1 * (seconds - this.#usualStep);
    return seconds;
  }
}

/** Pairs tracks with detections of their class, adds the pairs to `matched` and returns the detections left over. */
function match(
  tracks: readonly Track[],
  detections: readonly Detection[],
  minIou: number,
  matched: Map<Detection, Track>,
): Detection[] {
  if (tracks.length === 0 || detections.length === 0) return [...detections];
  const cost = new Float64Array(tracks.length * detections.length).fill(Number.POSITIVE_INFINITY);
  for (const [i, track] of tracks.entries()) {
    const expected = track.motion.box;
    for (const [j, detection] of detections.entries()) {
      if (detection.label !== track.label) continue;
      const iou = boxIou(expected, detection.box);
      // A strong detection is preferred where two overlap about as well; the gate stays one of overlap alone.
      if (iou >= minIou) cost[i * detections.length + j] = 1 - iou * (0.8 + 0.2 * detection.score);
    }
  }
  const columns = assign(cost, tracks.length, detections.length, 1);
  const left = new Set(detections);
  for (const [i, j] of columns.entries()) {
    if (j < 0) continue;
    const detection = detections[j]!;
    matched.set(detection, tracks[i]!);
    left.delete(detection);
  }
  return [...left];
}
