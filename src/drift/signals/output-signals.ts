import { measureBox } from './box-measures.ts';
import { at } from './catalogue.ts';
import { ClassFlips } from './class-flips.ts';
import { misfit } from './class-shapes.ts';
import { believedScore, OutputCounts, type OutputReference } from './output-counts.ts';
import { TrackLives } from './track-lives.ts';
import { TrackSpeed } from './track-speed.ts';
import { type SeenObjects, TrackedObjects } from './tracked-objects.ts';
import type { WatchedResult } from './watched.ts';

/** Time in which the live distributions fade to 1/e, seconds. */
const memoryS = 30;
/** The same for objects, which are fewer than boxes. */
const objectMemoryS = 45;
/** Faded observations below which a distribution says nothing. */
const fewest = 30;
const fewestObjects = 8;
/** Until the memory is full its distributions are those of the first few objects. */
const fillS = 2.5 * objectMemoryS;
/** A box whose score lies below this could as well not have been reported. */
const lowScore = 0.5;

/** Gathers the results of a tick. Fixed memory; NaN and infinite values are counted and go nowhere else. */
export class OutputSignals {
  readonly #counts = new OutputCounts();
  readonly #tracks = new TrackLives();
  readonly #objects = new TrackedObjects();
  readonly #speed = new TrackSpeed();
  readonly #flips = new ClassFlips();
  #ageS = 0;
  #frames = 0;
  #boxes = 0;
  /** With those that are not watched: candidates are of the whole picture. */
  #allBoxes = 0;
  #invalid = 0;
  #unknown = 0;
  #untracked = 0;
  #known = 0;
  #low = 0;
  #misfit = 0;
  #judged = 0;
  #candidates = 0;
  #latencyMs = 0;
  #mixed = false;
  #sums = new Float64Array(5);

  /** `reference`: where there is one. `atMs`: monotonic. `total`: counted too, without fading. */
  add(result: WatchedResult, atMs: number, reference?: OutputReference, total?: OutputCounts): void {
    this.#frames++;
    if (Number.isFinite(result.candidates)) this.#candidates += result.candidates;
    this.#latencyMs += result.captureToPublishMs;
    const counted = total === undefined ? [this.#counts] : [this.#counts, total];
    const mix = result.answer?.mix;
    if (mix !== undefined) this.#mixed = true;
    for (const [label, share] of mix ?? []) for (const counts of counted) counts.addObject(label, share);
    for (const detection of result.detections) {
      const { score, label, trackId } = detection;
      const measures = measureBox(detection, result);
      if (measures === undefined) {
        this.#invalid++;
        continue;
      }
      this.#allBoxes++;
      if (detection.unwatched) continue;
      this.#boxes++;
      if (score < lowScore) this.#low++;
      if (score >= believedScore) this.#flips.see(detection);
      const usual = reference?.classScores[label];
      if (trackId === undefined) this.#untracked++;
      else {
        this.#objects.see(trackId, label, score, atMs, usual);
        this.#speed.see(trackId, detection.box, atMs);
      }
      const object = this.#tracks.see(trackId, atMs);
      if (reference !== undefined && usual === undefined) this.#unknown++;
      // The whole picture has the shape and place of every class.
      if (reference !== undefined && score >= believedScore && mix === undefined) {
        this.#misfit += misfit(label, measures, reference.classShapes);
        this.#judged++;
      }
      const sums = this.#sums;
      if (usual !== undefined) {
        sums[0]! += score - usual;
        this.#known++;
      }
      sums[1]! += measures.logArea;
      sums[2]! += measures.logAspect;
      sums[3]! += measures.x;
      sums[4]! += measures.y;
      for (const counts of counted) {
        counts.addBox(detection, measures);
        if (object && mix === undefined) counts.addObject(label);
      }
    }
    this.#tracks.endFrame(atMs);
    this.#flips.endFrame();
  }

  /** Ends a tick of `seconds`: writes its signals, NaN where there is nothing to say. */
  tick(seconds: number, vector: Float64Array, reference: OutputReference | undefined, atMs: number): void {
    const frames = this.#frames;
    const boxes = this.#boxes;
    const set = (place: number, value: number): void => {
      vector[place] = value;
    };
    if (frames > 0) {
      set(at.detections, Math.sqrt(boxes / frames));
      const all = this.#allBoxes + this.#invalid;
      set(at.invalid_share, all === 0 ? 0 : this.#invalid / all);
      set(
        at.log_candidates,
        this.#allBoxes === 0 ? Number.NaN : Math.log((this.#candidates + 1) / (this.#allBoxes + 1)),
      );
    }
    if (boxes > 0) {
      // Against the mean of its class, so that an empty street, where only sure signs are left, has no better scores.
      set(at.score, this.#known === 0 ? Number.NaN : this.#sums[0]! / this.#known);
      set(at.low_margin, this.#low / boxes);
      set(at.log_area, this.#sums[1]! / boxes);
      set(at.log_aspect, this.#sums[2]! / boxes);
      set(at.centre_x, this.#sums[3]! / boxes);
      set(at.centre_y, this.#sums[4]! / boxes);
      set(at.untracked, this.#untracked / boxes);
      set(at.unknown_class, reference === undefined ? Number.NaN : this.#unknown / boxes);
    }
    if (this.#judged > 0) set(at.class_misfit, this.#misfit / this.#judged);
    set(at.class_flips, this.#flips.tick());
    const speed = this.#speed.tick(atMs);
    set(at.log_speed, Math.log(speed + 0.05));
    // How far objects are from their answers when these come, in their own sizes.
    set(at.stale_shift, Math.min(3, (speed * this.#latencyMs) / frames / 1000));
    const { flicker, age } = this.#tracks.tick();
    set(at.flicker, flicker);
    this.#ageS += seconds;
    const filled = this.#ageS >= fillS;
    set(at.log_track_age, filled ? age : Number.NaN);
    const counts = this.#counts;
    if (filled && reference !== undefined && counts.boxCount >= fewest && counts.objects >= fewestObjects)
      set(at.score_ks, counts.scoreKs(reference));
    if (filled && reference !== undefined && this.#mixed) set(at.mix_distance, counts.mixDistance(reference));
    this.#counts.fade(Math.exp(-seconds / memoryS), Math.exp(-seconds / objectMemoryS));
    this.#clearTick();
  }

  /** What the objects of this tick say. */
  objects(atMs: number): SeenObjects {
    return this.#objects.tick(atMs);
  }

  /** The distributions start over, tracks continue. */
  forgetDistributions(): void {
    this.#ageS = 0;
    this.#counts.clear();
  }

  /** Forgets everything: after a gap. */
  reset(): void {
    this.#ageS = 0;
    this.#counts.clear();
    this.#tracks.reset();
    this.#objects.reset();
    this.#speed.reset();
    this.#flips.reset();
    this.#clearTick();
  }

  #clearTick(): void {
    this.#frames = 0;
    this.#boxes = 0;
    this.#allBoxes = 0;
    this.#invalid = 0;
    this.#unknown = 0;
    this.#untracked = 0;
    this.#known = 0;
    this.#low = 0;
    this.#misfit = 0;
    this.#judged = 0;
    this.#candidates = 0;
    this.#latencyMs = 0;
    this.#mixed = false;
    this.#sums.fill(0);
  }
}
