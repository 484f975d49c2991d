import { type PerceptionResult, type Thumbnail, thumbnailCells } from '../../perception/index.ts';
import { type PictureFeatures, pictureFeatures } from '../picture/features.ts';
import { LiveView } from '../picture/view.ts';
import type { ViewReference } from '../picture/view-reference.ts';
import { AnswerMean } from './answer-mean.ts';
import { BoxGrip } from './box-grip.ts';
import { markBoxes } from './box-mask.ts';
import { at, signalCount } from './catalogue.ts';
import { type Embedding, EmbeddingMean } from './embedding.ts';
import type { OutputCounts, OutputReference } from './output-counts.ts';
import { OutputSignals } from './output-signals.ts';
import type { SeenObjects } from './tracked-objects.ts';
import { UnexplainedMotion } from './unexplained-motion.ts';
import type { WatchedResult } from './watched.ts';

/** What a tick is compared with while its signals are made. */
export interface TickReference {
  readonly view: ViewReference;
  readonly gradients: Float32Array;
  readonly output: OutputReference;
}

/** One second of a camera. */
export interface Tick {
  /** Monotonic time of its end. */
  readonly atMs: number;
  readonly seconds: number;
  readonly frames: number;
  /** Of the last frame, for the time of day. */
  readonly stampNs: bigint;
  /** In the order of `signals`; NaN where a signal has nothing to say. */
  readonly vector: Float64Array;
  /** Means over the tick; undefined where no thumbnail came. */
  readonly picture: PictureFeatures | undefined;
  /** How long the very same picture has been coming, milliseconds. */
  readonly repeatMs: number;
  /** True after the start or a gap until the smoothed view has settled. */
  readonly settling: boolean;
  readonly embedding: Embedding | undefined;
  /** What the task calls the numbers of its answers; empty: none came. */
  readonly answerNames: readonly string[];
  readonly objects: SeenObjects;
}

const tickMs = 1000;
/** A pause that ends all memory: a device that slept, a camera that was gone. */
export const gapMs = 10_000;
const settleTicks = 8;
/** A box below this score explains little: a model puts weak boxes on what it does not know. */
const explains = 0.35;
/** Boxes over more of the picture are what a model makes of a picture that it can't read: they hide nothing. */
const mostHidden = 0.4;
/** A little early is on time: frames do not come to the millisecond. */
const viewEveryMs = 180;

/** Frames in, one vector per second out. Times are monotonic milliseconds, so a jump of the wall clock changes nothing. */
export class TickAssembler {
  readonly view = new LiveView();
  readonly #output = new OutputSignals();
  readonly #unexplained = new UnexplainedMotion();
  readonly #grip = new BoxGrip();
  readonly #boxed = new Uint8Array(thumbnailCells);
  #viewedMs = Number.NEGATIVE_INFINITY;
  #startMs: number | undefined;
  #lastMs = 0;
  #frames = 0;
  #pictures = 0;
  #stampNs = 0n;
  #sums = new Float64Array(10);
  #hash: number | undefined;
  #sameSinceMs = 0;
  #before: Uint8Array | undefined;
  #latest: Uint8Array | undefined;
  readonly #embedding = new EmbeddingMean();
  readonly #answer = new AnswerMean();

  /**
   * The tick that this frame ends, if it does; the frame itself belongs to the next one. `total`: takes the counts that a
   * reference is made of.
   */
  add(
    thumbnail: Thumbnail | undefined,
    result: WatchedResult | undefined,
    atMs: number,
    reference: TickReference | undefined,
    total?: OutputCounts,
  ): Tick | undefined {
    let tick: Tick | undefined;
    if (this.#startMs !== undefined && (atMs < this.#lastMs || atMs - this.#lastMs > gapMs)) this.reset();
    if (this.#startMs === undefined) this.#startMs = atMs;
    else if (atMs - this.#startMs >= tickMs) tick = this.#end(atMs, reference);
    this.#lastMs = atMs;
    this.#frames++;
    if (thumbnail !== undefined) this.#addPicture(thumbnail, atMs);
    if (result !== undefined) {
      this.#stampNs = result.stampNs;
      this.#output.add(result, atMs, reference?.output, total);
      if (result.answer !== undefined) this.#answer.add(result.answer);
      if (result.embedding !== undefined) this.#embedding.add(result.embedding, result.identity);
    }
    if (thumbnail !== undefined) this.#view(thumbnail, result, atMs);
    return tick;
  }

  reset(): void {
    this.#startMs = undefined;
    this.#frames = 0;
    this.#pictures = 0;
    this.#sums.fill(0);
    this.#hash = undefined;
    this.#before = undefined;
    this.#latest = undefined;
    this.#embedding.reset();
    this.#answer.reset();
    this.#viewedMs = Number.NEGATIVE_INFINITY;
    this.view.reset();
    this.#output.reset();
    this.#unexplained.reset();
    this.#grip.reset();
  }

  /** What minutes of answers hold: see `memoryS` of the signals. */
  forgetDistributions(): void {
    this.#output.forgetDistributions();
  }

  #addPicture(thumbnail: Thumbnail, atMs: number): void {
    const f = pictureFeatures(thumbnail);
    const sums = this.#sums;
    for (const [i, name] of pictureNames.entries()) sums[i]! += f[name];
    this.#pictures++;
    if (this.#hash !== thumbnail.hash) {
      this.#hash = thumbnail.hash;
      this.#sameSinceMs = atMs;
    }
    this.#latest = thumbnail.grey;
  }

  /** A few times a second is enough for what changes over seconds. */
  #view(thumbnail: Thumbnail, result: PerceptionResult | undefined, atMs: number): void {
    if (atMs - this.#viewedMs < viewEveryMs) return;
    this.#viewedMs = atMs;
    let boxed = 0;
    if (result !== undefined) {
      markBoxes(result, this.#boxed, explains);
      this.#unexplained.add(thumbnail.grey, this.#boxed, atMs);
      this.#grip.add(thumbnail.grey, result);
      // Who is found hardly at all hides the place as well as who is found surely.
      boxed = markBoxes(result, this.#boxed, 0);
    }
    const hides = result !== undefined && boxed < mostHidden;
    this.view.add(thumbnail, hides ? this.#boxed : undefined);
  }

  #end(atMs: number, reference: TickReference | undefined): Tick {
    const seconds = (atMs - this.#startMs!) / 1000;
    const vector = new Float64Array(signalCount).fill(Number.NaN);
    const picture = this.#pictures > 0 ? this.#picture(vector) : undefined;
    this.view.tick();
    if (picture !== undefined && reference !== undefined) {
      const seen = this.view.compare(reference.view, reference.gradients, picture.noise);
      vector[at.log_gain] = seen.gain;
      vector[at.offset] = seen.offset;
      vector[at.match] = seen.match;
      vector[at.foreign_share] = seen.foreign;
      vector[at.lost_detail] = seen.lostDetail;
    }
    vector[at.log_unexplained_motion] = this.#unexplained.tick();
    vector[at.box_grip] = this.#grip.tick();
    this.#answer.tick(vector);
    this.#output.tick(seconds, vector, reference?.output, atMs);
    const tick: Tick = {
      atMs,
      seconds,
      frames: this.#frames,
      stampNs: this.#stampNs,
      vector,
      picture,
      repeatMs: this.#hash === undefined ? 0 : this.#lastMs - this.#sameSinceMs,
      settling: this.view.age < settleTicks,
      embedding: this.#embedding.take(),
      answerNames: this.#answer.names,
      objects: this.#output.objects(atMs),
    };
    this.#startMs = atMs;
    this.#frames = 0;
    this.#pictures = 0;
    this.#sums.fill(0);
    return tick;
  }

  #picture(vector: Float64Array): PictureFeatures {
    const mean = Object.fromEntries(
      pictureNames.map((name, i) => [name, this.#sums[i]! / this.#pictures]),
    ) as unknown as PictureFeatures;
    vector[at.brightness] = mean.brightness;
    vector[at.contrast] = mean.contrast;
    vector[at.saturation] = mean.saturation;
    vector[at.log_sharpness] = Math.log(mean.sharpness + 0.5);
    vector[at.log_noise] = Math.log(mean.noise + 0.5);
    vector[at.entropy_bits] = mean.entropy;
    vector[at.dark_share] = mean.dark;
    vector[at.bright_share] = mean.bright;
    vector[at.red_share] = mean.redShare;
    vector[at.blue_share] = mean.blueShare;
    const latest = this.#latest!;
    // From tick to tick, so that it does not depend on the frame rate.
    if (this.#before !== undefined) {
      const { mean: apart, changed } = difference(this.#before, latest);
      vector[at.log_motion] = Math.log(apart + 0.1);
      vector[at.log_alive] = Math.log(changed + 0.002);
    }
    this.#before = latest;
    return mean;
  }
}

const pictureNames = [
  'brightness',
  'contrast',
  'saturation',
  'sharpness',
  'noise',
  'entropy',
  'dark',
  'bright',
  'redShare',
  'blueShare',
] as const;

/** Mean absolute difference, grey levels, and the share of cells that are not the very same. */
function difference(a: Uint8Array, b: Uint8Array): { mean: number; changed: number } {
  let sum = 0;
  let changed = 0;
  for (let i = 0; i < thumbnailCells; i++) {
    const apart = Math.abs(a[i]! - b[i]!);
    sum += apart;
    if (apart > 0) changed++;
  }
  return { mean: sum / thumbnailCells, changed: changed / thumbnailCells };
}
