import {
  type Head,
  type HeadScores,
  type InputContract,
  mainOutputOf,
  tensorsOf,
} from '../../model/index.ts';
import type { DepthMap, Keypoint, Mask } from '../detection.ts';
import { bestClass } from './best-class.ts';
import type { Candidates } from './candidates.ts';
import { misfitOf } from './check-head.ts';
import { addBox } from './head-boxes.ts';
import { depthOf } from './head-depth.ts';
import { keypointsOf, simccPoints } from './head-keypoints.ts';
import { type ClassRegion, regionsOf } from './head-map.ts';
import { maskOf } from './head-masks.ts';
import { type MapRegion, mapRegions } from './head-regions.ts';
import { noScores, type RowView, type Segment, segmentsOf } from './head-rows.ts';
import { type ReadLine, readLine } from './head-text.ts';
import { vectorOf } from './head-vector.ts';
import type { OutputTensor } from './output-tensor.ts';
import { sigmoid } from './sigmoid.ts';

/** Candidates kept for NMS; the rest of a frame full of noise would only cost time. */
export const maxCandidates = 1000;

export interface DecodeOptions {
  /** Smallest score that becomes a candidate. */
  readonly scoreThreshold: number;
  /**
   * false (live): a box has its best class. true (COCO's way of evaluating): every class of a box that reaches the
   * threshold is a candidate of its own.
   */
  readonly multiLabel: boolean;
  /** 1 per class that is wanted; absent: all. A box whose best class is not wanted is dropped, not renamed. */
  readonly wanted?: Uint8Array | undefined;
}

/**
 * Reads the outputs of a network as its bundle's head says, to boxes in pixels of the input. The formulas stand in
 * model/head.ts; native/src/postprocess/head_decoder.cc does the same, bit for bit, and the tests compare the two. Keeps its buffers.
 */
export class HeadDecoder {
  readonly #head: Head;
  readonly #scores: HeadScores;
  readonly #input: Pick<InputContract, 'width' | 'height'>;
  readonly #classCount: number;
  readonly #names: readonly string[];
  /** Of the last run. */
  #segments: readonly Segment[] = [];
  #prototypes: OutputTensor | undefined;
  #best = new Float32Array(0);
  #bestId = new Int32Array(0);

  constructor(head: Head, input: Pick<InputContract, 'width' | 'height'>, classCount: number) {
    this.#head = head;
    this.#scores = head.scores ?? noScores;
    this.#input = input;
    this.#classCount = classCount;
    this.#names = tensorsOf(head);
  }

  /**
   * `into` is cleared first, and capped by score. Shapes are checked on every run: an engine that answers with others must not
   * make us read beyond its buffer. Returns how many candidates reached the threshold before the cap.
   */
  run(
    outputs: readonly OutputTensor[],
    options: DecodeOptions,
    into: Candidates,
    cap: number = maxCandidates,
  ): number {
    into.clear();
    if (this.#foundNothing(outputs)) return 0;
    const tensors = this.#checked(outputs);
    const segments = segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!);
    for (const segment of segments) this.#segment(segment, options, into);
    const { masks, outputs: read } = this.#head;
    this.#segments = segments;
    if (masks !== undefined) {
      this.#prototypes = tensors.get(read[masks.prototypes]!.tensors[0]!);
    }
    const found = into.count;
    into.cap(cap);
    return found;
  }

  /** Of a head with a map: its classes, each with its places in pixels of the input. */
  regions(outputs: readonly OutputTensor[]): ClassRegion[] {
    const tensors = this.#checked(outputs);
    const [segment] = segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!);
    return regionsOf(this.#head, this.#input, this.#classCount, segment!, this.#columns(tensors));
  }

  /** Of a head with depths: of each place, in pixels of the input. */
  depth(outputs: readonly OutputTensor[]): DepthMap {
    const tensors = this.#checked(outputs);
    const [segment] = segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!);
    return depthOf(this.#head.depth!, this.#input, segment!, this.#columns(tensors));
  }

  /** Of a head with the points of one figure, in pixels of the input. */
  figure(outputs: readonly OutputTensor[]): Keypoint[] {
    const tensors = this.#checked(outputs);
    const segments = segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!);
    const { simcc, keypoints } = this.#head;
    return simcc === undefined
      ? keypointsOf(this.#head, keypoints!, this.#input, segments, 0)
      : simccPoints(simcc, this.#head, this.#input, segments[0]!);
  }

  /** Of a head with a vector; undefined where it is none. */
  vector(outputs: readonly OutputTensor[]): Float32Array | undefined {
    return vectorOf(this.#head.vector!, this.#only(outputs));
  }

  /** Of a head with a text. */
  text(outputs: readonly OutputTensor[]): ReadLine {
    return readLine(this.#head.text!, this.#classCount, this.#only(outputs));
  }

  /** Of a head with regions, in pixels of the input. */
  boxesOfMap(outputs: readonly OutputTensor[]): MapRegion[] {
    const tensors = this.#checked(outputs);
    const [segment] = segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!);
    return mapRegions(this.#head.regions!, segment!, this.#columns(tensors));
  }

  #only(outputs: readonly OutputTensor[]): Segment {
    const tensors = this.#checked(outputs);
    return segmentsOf(this.#head, this.#input, (name) => tensors.get(name)!)[0]!;
  }

  /** Places in a line of a map. */
  #columns(tensors: ReadonlyMap<string, OutputTensor>): number {
    const { tensors: names, axis } = this.#head.outputs[mainOutputOf(this.#head)]!;
    const { dims } = tensors.get(names[0]!)!;
    return axis === 'last' ? dims.at(-2)! : dims.at(-1)!;
  }

  /** A network that gives as many rows as it found, which are none: tensors that other heads must not have. */
  #foundNothing(outputs: readonly OutputTensor[]): boolean {
    const { final, boxes, grid, count, outputs: read } = this.#head;
    if (final !== true || boxes === undefined || grid !== undefined || count !== undefined) return false;
    return read.every(({ tensors: [name], axis, unbatched }) => {
      const tensor = outputs.find((output) => output.name === name);
      if (tensor === undefined || tensor.data.length !== 0) return false;
      const sides = unbatched === true ? tensor.dims : tensor.dims.slice(1);
      return sides[axis === 'first' ? sides.length - 1 : 0] === 0;
    });
  }

  #checked(outputs: readonly OutputTensor[]): ReadonlyMap<string, OutputTensor> {
    const problem = misfitOf(this.#head, this.#input, this.#classCount, outputs);
    if (problem !== undefined) throw problem;
    return new Map(this.#names.map((name) => [name, outputs.find((output) => output.name === name)!]));
  }

  /** The mask of a candidate of the last run, in pixels of the input; its outputs must still be what they were. Undefined: this head has none. */
  mask(from: Candidates, index: number): Mask | undefined {
    const { masks } = this.#head;
    if (masks === undefined || this.#prototypes === undefined) return undefined;
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = from.boxes.subarray(4 * index, 4 * index + 4);
    const box = { x1, y1, x2, y2 };
    return maskOf(masks, this.#input, this.#segments, this.#prototypes, from.rows[index]!, box);
  }

  /** The angle of a candidate of the last run; 0: this head has none. */
  angle(from: Candidates, index: number): number {
    const { angle } = this.#head;
    if (angle === undefined) return 0;
    const row = from.rows[index]!;
    const { views, base } = this.#segments.findLast((segment) => segment.base <= row)!;
    return value(views[angle.output]!, row - base, angle.at);
  }

  /** The points of a candidate of the last run, in pixels of the input. Undefined: this head has none. */
  keypoints(from: Candidates, index: number): Keypoint[] | undefined {
    const { keypoints } = this.#head;
    if (keypoints === undefined) return undefined;
    return keypointsOf(this.#head, keypoints, this.#input, this.#segments, from.rows[index]!);
  }

  #segment(segment: Segment, options: DecodeOptions, into: Candidates): void {
    const { classes } = this.#head;
    const scores = this.#scores;
    if (classes !== undefined) this.#named(segment, options, into);
    else if (
      !options.multiLabel &&
      scores.activation !== 'softmax' &&
      segment.views[scores.output]!.valueStep > 1
    )
      this.#planes(segment, options, into);
    else this.#rows(segment, options, into);
  }

  /** The network names the class of each row. */
  #named(segment: Segment, options: DecodeOptions, into: Candidates): void {
    const { classes, count } = this.#head;
    const scores = this.#scores;
    const { scoreThreshold, wanted } = options;
    const view = segment.views[scores.output]!;
    const ids = segment.views[classes!.output]!;
    const rows =
      count === undefined ? segment.rows : Math.min(segment.rows, segment.views[count.output]!.data[0]!);
    for (let i = 0; i < rows; i++) {
      const factor = this.#objectness(segment, i);
      const score = factor * this.#score(value(view, i, scores.at));
      // Written so that NaN goes on, to be counted.
      if (score < scoreThreshold) continue;
      const id = value(ids, i, classes!.at) - (classes!.first ?? 0);
      // A NaN is no class either.
      if (!(id >= -0.5 && id < this.#classCount - 0.5)) {
        into.invalid += 1;
        continue;
      }
      const classId = Math.floor(id + 0.5);
      if (wanted !== undefined && wanted[classId] !== 1) continue;
      addBox(this.#head, this.#input, segment, i, classId, score, into);
    }
  }

  /** The classes of a row follow each other, or are far apart and all of them count. */
  #rows(segment: Segment, options: DecodeOptions, into: Candidates): void {
    const scores = this.#scores;
    const { scoreThreshold, multiLabel, wanted } = options;
    const { data, start, rowStep, valueStep } = segment.views[scores.output]!;
    const softmax = scores.activation === 'softmax';
    for (let i = 0; i < segment.rows; i++) {
      const factor = this.#objectness(segment, i);
      // A class score is at most 1, so the product can only be smaller. A NaN goes on, to be counted.
      if (factor < scoreThreshold) continue;
      const at = start + i * rowStep + scores.at * valueStep;
      const best = bestClass(data, at, valueStep, this.#classCount);
      const top = data[at + best * valueStep]!;
      let sum = 1;
      if (softmax) {
        sum = this.#sum(data, at, valueStep, top, factor, scoreThreshold);
        if (sum === 0) continue;
      }
      const first = multiLabel ? 0 : best;
      const last = multiLabel ? this.#classCount - 1 : best;
      for (let c = first; c <= last; c++) {
        const raw = data[at + c * valueStep]!;
        const score = factor * this.#score(softmax ? Math.exp(raw - top) / sum : raw);
        if (score < scoreThreshold || (wanted !== undefined && wanted[c] !== 1)) continue;
        addBox(this.#head, this.#input, segment, i, c, score, into);
      }
    }
  }

  /** The sum of exp(value - top) over classes and background; 0 where no class can reach the threshold. */
  #sum(data: Float32Array, at: number, step: number, top: number, factor: number, threshold: number): number {
    const { background, power = 1 } = this.#scores;
    let sum = 0;
    if (background !== undefined) {
      const nothing = data[at + (background === 'before' ? -1 : this.#classCount) * step]!;
      sum = Math.exp(nothing - top);
      const most = 1 / (1 + sum);
      if (factor * (power === 1 ? most : most ** power) < threshold) return 0;
    }
    for (let c = 0; c < this.#classCount; c++) sum += Math.exp(data[at + c * step]! - top);
    return sum;
  }

  /** The values of a class lie together, so each class is read from end to end: row by row would miss the cache every time. */
  #planes(segment: Segment, options: DecodeOptions, into: Candidates): void {
    const scores = this.#scores;
    const { rows } = segment;
    const { data, start, valueStep } = segment.views[scores.output]!;
    if (this.#best.length < rows) {
      this.#best = new Float32Array(rows);
      this.#bestId = new Int32Array(rows);
    }
    const best = this.#best;
    const bestId = this.#bestId;
    const from = start + scores.at * valueStep;
    for (let i = 0; i < rows; i++) {
      best[i] = data[from + i]!;
      bestId[i] = 0;
    }
    for (let c = 1; c < this.#classCount; c++) {
      const base = from + c * valueStep;
      for (let i = 0; i < rows; i++) {
        const value = data[base + i]!;
        const top = best[i]!;
        // A NaN wins and stays, so that it is counted; see bestClass.
        if (!(value <= top) && !Number.isNaN(top)) {
          best[i] = value;
          bestId[i] = c;
        }
      }
    }
    const { scoreThreshold, wanted } = options;
    for (let i = 0; i < rows; i++) {
      const factor = this.#objectness(segment, i);
      if (factor < scoreThreshold) continue;
      const score = factor * this.#score(best[i]!);
      if (score < scoreThreshold) continue;
      const classId = bestId[i]!;
      if (wanted !== undefined && wanted[classId] !== 1) continue;
      addBox(this.#head, this.#input, segment, i, classId, score, into);
    }
  }

  #score(raw: number): number {
    const { activation, power = 1 } = this.#scores;
    const score = activation === 'sigmoid' ? sigmoid(raw) : raw;
    return power === 1 ? score : score ** power;
  }

  #objectness(segment: Segment, row: number): number {
    const { objectness } = this.#head;
    if (objectness === undefined) return 1;
    const raw = value(segment.views[objectness.output]!, row, objectness.at);
    const score = objectness.activation === 'sigmoid' ? sigmoid(raw) : raw;
    const { power = 1 } = objectness;
    return power === 1 ? score : score ** power;
  }
}

function value({ data, start, rowStep, valueStep }: RowView, row: number, at: number): number {
  return data[start + row * rowStep + at * valueStep]!;
}
