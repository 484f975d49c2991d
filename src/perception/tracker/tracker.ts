import { defined } from '../../base/index.ts';
import { boxIou } from '../box.ts';
import type { Detection, TrackedDetection } from '../detection.ts';
import type { ReidSettings } from '../graph/node-settings.ts';
import { assign } from './assignment.ts';
import type { IdentityGallery } from './identities.ts';
import { blended, type Look, lookDistance } from './look.ts';
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

/** How detections of a frame look, and what that counts for. */
export interface Looks {
  readonly settings: Required<ReidSettings>;
  readonly of: ReadonlyMap<Detection, Look>;
}

export type TrackedAs<D> = D & { readonly trackId?: number; readonly identity?: number };

interface Track {
  readonly label: string;
  motion: BoxMotion;
  /** From detections that were not hidden. */
  look: Look | undefined;
  identity: number | undefined;
  /** Given when it is confirmed, so that ids of noise are not used up. */
  id: number | undefined;
  hits: number;
  /** Seconds since it was seen. */
  unseen: number;
}

/** Tracks that sleep; the longest gone leave. */
const mostAsleep = 500;
/** With more overlap the pixels of a box are partly another's. */
const mostHidden = 0.3;

/** Used for a step whose stamps tell nothing before any did: 30 frames/s. */
const nominalStep = 1 / 30;

/**
 * ByteTrack (Zhang et al. 2022) for one camera: strong detections are matched to tracks first, weak ones then to the
 * tracks that are left, so that an object that is half hidden keeps its id. Classes are compared by name, so tracks live
 * through a change of model. Time comes from the stamps, so frame rates may vary and frames may be missing.
 *
 * With looks (re-identification, as BoT-SORT, Aharon et al. 2022) the match weighs them beside overlap, and who was lost is found
 * again by looks alone, longer and wherever he comes back.
 *
 * INVARIANTS
 * - an id is never given twice, and a track keeps its id and its label;
 * - no two detections of one frame carry the same id;
 * - stamps that stand still or go back count as one usual step: tracks neither jump nor live for ever.
 */
export class Tracker {
  #options: TrackerOptions;
  #tracks: Track[] = [];
  /** With an id and a look, not seen for longer than tracks are kept: found again by looks alone. */
  #asleep: Track[] = [];
  readonly #identities: IdentityGallery | undefined;
  #nextId = 1;
  #lastStampNs: bigint | undefined;
  #usualStep = nominalStep;

  /** `identities`: of the whole device. */
  constructor(options: Partial<TrackerOptions> = {}, identities?: IdentityGallery) {
    this.#identities = identities;
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
  update<D extends TrackedDetection>(
    detections: readonly D[],
    stampNs: bigint,
    looks?: Looks,
  ): TrackedAs<D>[] {
    const { highThreshold, lowThreshold, minIou, minIouLow, lostMs, confirmHits } = this.#options;
    const seconds = this.#step(stampNs);
    for (const track of this.#tracks) {
      track.motion.predict(seconds, track.unseen === 0);
      track.unseen += seconds;
    }
    // Before matching: after a long gap what stands at the old place need not be the old object.
    const gone = this.#tracks.filter(({ unseen }) => unseen * 1000 > lostMs);
    this.#tracks = this.#tracks.filter(({ unseen }) => unseen * 1000 <= lostMs);
    this.#sleep(gone, seconds, looks);
    const matched = new Map<Detection, Track>();
    const high = detections.filter(({ score }) => score >= highThreshold);
    const low = detections.filter(({ score }) => score < highThreshold && score >= lowThreshold);

    const confirmed = this.#tracks.filter(({ id }) => id !== undefined);
    const highLeft = match(confirmed, high, minIou, matched, looks);
    // Only tracks that were seen a moment ago go on with weak detections: an old expectation fits too much.
    const taken = new Set(matched.values());
    const seenBefore = confirmed.filter((track) => track.unseen <= seconds && !taken.has(track));
    match(seenBefore, low, minIouLow, matched, looks);
    const tentative = this.#tracks.filter(({ id }) => id === undefined);
    const unknown = match(tentative, highLeft, minIou, matched, looks);
    const fresh = looks === undefined ? unknown : this.#recognise(unknown, seconds, matched, looks);

    for (const [detection, track] of matched) {
      track.motion.update(detection.box);
      track.unseen = 0;
      track.hits += 1;
    }
    for (const detection of fresh) {
      const track: Track = {
        label: detection.label,
        motion: new BoxMotion(detection.box),
        look: undefined,
        identity: undefined,
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
    if (looks !== undefined) this.#remember(matched, looks, stampNs);
    // A track that was never confirmed gets no second chance.
    this.#tracks = this.#tracks.filter(({ id, unseen }) => id !== undefined || unseen === 0);
    return detections.flatMap((detection) => {
      const track = matched.get(detection);
      if (track?.id !== undefined)
        return [{ ...detection, trackId: track.id, ...defined({ identity: track.identity }) }];
      return detection.score >= highThreshold ? [detection] : [];
    });
  }

  /** Of tracks that are given up, those that can be found again by their looks. */
  #sleep(gone: readonly Track[], seconds: number, looks: Looks | undefined): void {
    for (const track of this.#asleep) track.unseen += seconds;
    if (looks === undefined) {
      this.#asleep = [];
      return;
    }
    const { keepSeconds } = looks.settings;
    const known = gone.filter(({ id, look }) => id !== undefined && look !== undefined);
    this.#asleep = [...this.#asleep, ...known]
      .filter(({ unseen }) => unseen <= keepSeconds)
      .slice(-mostAsleep);
  }

  /** Gives detections that continue no track to tracks that were lost and look like them; returns those left over. */
  #recognise(
    detections: readonly Detection[],
    seconds: number,
    matched: Map<Detection, Track>,
    { settings, of }: Looks,
  ): Detection[] {
    const taken = new Set(matched.values());
    const lost = this.#tracks.filter(
      (track) =>
        track.id !== undefined && track.look !== undefined && track.unseen > seconds && !taken.has(track),
    );
    const candidates = [...lost, ...this.#asleep];
    if (candidates.length === 0) return [...detections];
    const cost = new Float64Array(candidates.length * detections.length).fill(Number.POSITIVE_INFINITY);
    for (const [i, { label, look }] of candidates.entries())
      for (const [j, detection] of detections.entries()) {
        const seen = of.get(detection);
        if (seen === undefined || detection.label !== label) continue;
        const distance = lookDistance(look!, seen);
        if (distance <= settings.maxDistance) cost[i * detections.length + j] = distance;
      }
    const found = new Set<Detection>();
    const limit = settings.maxDistance + Number.EPSILON;
    for (const [i, j] of assign(cost, candidates.length, detections.length, limit).entries()) {
      if (j < 0) continue;
      const [track, detection] = [candidates[i]!, detections[j]!];
      track.motion = new BoxMotion(detection.box);
      matched.set(detection, track);
      found.add(detection);
      if (!this.#tracks.includes(track)) this.#tracks.push(track);
    }
    this.#asleep = this.#asleep.filter((track) => !this.#tracks.includes(track));
    return detections.filter((detection) => !found.has(detection));
  }

  /** Looks of what was seen whole; and who it is, once it has an id. */
  #remember(matched: ReadonlyMap<Detection, Track>, { settings, of }: Looks, stampNs: bigint): void {
    const boxes = [...matched.keys()];
    const present = new Set([...matched.values()].flatMap(({ identity }) => identity ?? []));
    for (const [detection, track] of matched) {
      const look = of.get(detection);
      if (look === undefined) continue;
      const isHidden = boxes.some(
        (other) => other !== detection && boxIou(other.box, detection.box) > mostHidden,
      );
      if (track.look !== undefined && isHidden) continue;
      track.look = blended(track.look, look);
      if (track.id === undefined || this.#identities === undefined) continue;
      if (track.identity !== undefined) this.#identities.see(track.identity, look, stampNs);
      else if (!isHidden) {
        track.identity = this.#identities.identify(track.look, stampNs, settings, present);
        present.add(track.identity);
      }
    }
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

/** Motion and looks; at twice the distance at which two are the same looks say no with all their weight. */
function weighed(apart: number, { look }: Track, detection: Detection, { settings, of }: Looks): number {
  const seen = of.get(detection);
  if (look === undefined || seen === undefined) return apart;
  const { weight, maxDistance } = settings;
  return (1 - weight) * apart + weight * Math.min(1, lookDistance(look, seen) / (2 * maxDistance));
}

/** Pairs tracks with detections of their class, adds the pairs to `matched` and returns the detections left over. */
function match(
  tracks: readonly Track[],
  detections: readonly Detection[],
  minIou: number,
  matched: Map<Detection, Track>,
  looks: Looks | undefined,
): Detection[] {
  if (tracks.length === 0 || detections.length === 0) return [...detections];
  const cost = new Float64Array(tracks.length * detections.length).fill(Number.POSITIVE_INFINITY);
  for (const [i, track] of tracks.entries()) {
    const expected = track.motion.box;
    for (const [j, detection] of detections.entries()) {
      if (detection.label !== track.label) continue;
      const iou = boxIou(expected, detection.box);
      // A strong detection is preferred where two overlap about as well; the gate stays one of overlap alone.
      if (iou < minIou) continue;
      const apart = 1 - iou * (0.8 + 0.2 * detection.score);
      cost[i * detections.length + j] = looks === undefined ? apart : weighed(apart, track, detection, looks);
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
