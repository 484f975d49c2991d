import { type InputContract, isFigure, type OutputContract } from '../../model/index.ts';
import { Candidates, HeadDecoder, maxCandidates, type OutputTensor } from '../decode/index.ts';
import type { Box, DepthMap, Detection, DetectionSettings, Keypoint, Mask } from '../detection.ts';
import type { LetterboxGeometry } from '../preprocess/geometry.ts';
import { nms } from './nms.ts';
import { hullOf, rotatedInFrame, rotatedNms } from './rotated.ts';

export interface PostprocessOptions {
  /** Every class of a box that reaches the threshold, as COCO is evaluated; default false: the best one. */
  readonly multiLabel?: boolean;
  /** Default 1000. */
  readonly maxCandidates?: number;
}

export interface PostprocessResult {
  /** Best score first, in pixels of the frame. */
  readonly detections: Detection[];
  /** Candidates that reached the score threshold, before cap and NMS. */
  readonly candidates: number;
  /** Of the outputs above the threshold, how many were NaN or infinite. */
  readonly invalid: number;
}

/** Outputs of the network to detections in the frame: decode, NMS, back through the letterbox. Keeps its buffers. */
export class Postprocessor {
  readonly #decoder: HeadDecoder;
  readonly #final: boolean;
  readonly #isMap: boolean;
  readonly #isDepth: boolean;
  readonly #isFigure: boolean;
  readonly #output: OutputContract;
  readonly #isRotated: boolean;
  readonly #labels: readonly string[];
  readonly #options: PostprocessOptions;
  readonly #candidates = new Candidates();
  #wantedFor: readonly string[] = [];
  #wanted: Uint8Array | undefined;

  constructor(
    { input, output }: { readonly input: InputContract; readonly output: OutputContract },
    labels: readonly string[],
    options: PostprocessOptions = {},
  ) {
    this.#decoder = new HeadDecoder(output, input, labels.length);
    this.#final = output.final === true || output.boxes === undefined;
    this.#isMap = output.map === true;
    this.#isDepth = output.depth !== undefined;
    this.#isFigure = isFigure(output);
    this.#output = output;
    this.#isRotated = output.angle !== undefined;
    this.#labels = labels;
    this.#options = options;
  }

  /** `frame`: size in pixels of the frame that `geometry` was made for. */
  run(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    frame: { readonly width: number; readonly height: number },
    settings: DetectionSettings,
  ): PostprocessResult {
    const { raw, vector, text, regions } = this.#output;
    if (raw !== undefined) return whole({ label: this.#labels[0]!, score: 1 }, frame);
    if (vector !== undefined) return this.#vector(outputs, frame);
    if (text !== undefined) return this.#text(outputs, frame, settings);
    if (regions !== undefined) return this.#boxesOfMap(outputs, geometry, frame, settings);
    if (this.#isDepth) return this.#depth(outputs, geometry, frame);
    if (this.#isFigure) return this.#figure(outputs, geometry, frame, settings);
    if (this.#isMap) return this.#regions(outputs, geometry, frame, settings);
    const candidates = this.#candidates;
    const found = this.#decoder.run(
      outputs,
      {
        scoreThreshold: settings.scoreThreshold,
        multiLabel: this.#options.multiLabel ?? false,
        wanted: this.#mask(settings.classes),
      },
      candidates,
      this.#options.maxCandidates ?? maxCandidates,
    );
    const detections: Detection[] = [];
    // No IoU is above 1.
    const iouThreshold = this.#final ? 1 : settings.iouThreshold;
    for (const index of this.#kept(iouThreshold, settings.maxDetections)) {
      const detection = this.#detection(index, geometry, frame);
      if (detection) detections.push(detection);
    }
    return { detections, candidates: found, invalid: candidates.invalid };
  }

  #kept(iouThreshold: number, maxDetections: number): readonly number[] {
    const candidates = this.#candidates;
    if (!this.#isRotated || this.#final) return nms(candidates, iouThreshold, maxDetections);
    const angles = Float32Array.from({ length: candidates.count }, (_, i) =>
      this.#decoder.angle(candidates, i),
    );
    return rotatedNms(candidates, angles, iouThreshold, maxDetections);
  }

  /** Each class of a map is one detection, with the hull of its places as its box. */
  #regions(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    { width, height }: { readonly width: number; readonly height: number },
    settings: DetectionSettings,
  ): PostprocessResult {
    const wanted = this.#mask(settings.classes);
    const regions = this.#decoder.regions(outputs);
    const detections = regions
      .filter(
        ({ classId, score }) =>
          score >= settings.scoreThreshold && (wanted === undefined || wanted[classId] === 1),
      )
      .map(({ classId, score, mask: inInput }): Detection => {
        const mask = inFrame(inInput, geometry);
        const box = {
          x1: Math.max(0, mask.x),
          y1: Math.max(0, mask.y),
          x2: Math.min(width, mask.x + mask.columns * mask.cellWidth),
          y2: Math.min(height, mask.y + mask.rows * mask.cellHeight),
        };
        return { classId, label: this.#labels[classId]!, score: Math.min(1, score), box, mask };
      })
      // Objects that are wholly in the padding.
      .filter(({ box }) => box.x2 > box.x1 && box.y2 > box.y1)
      .sort((a, b) => b.score - a.score)
      .slice(0, settings.maxDetections);
    return { detections, candidates: regions.length, invalid: 0 };
  }

  /** A depth map is one detection, the whole frame. */
  #depth(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    { width, height }: { readonly width: number; readonly height: number },
  ): PostprocessResult {
    const whole = this.#decoder.depth(outputs);
    const depth = inFrame(withoutPad(whole, geometry), geometry);
    const box = { x1: 0, y1: 0, x2: width, y2: height };
    const invalid = whole.values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    const detections = [{ classId: 0, label: this.#labels[0]!, score: 1, box, depth }];
    return { detections, candidates: 1, invalid };
  }

  /** The points of one figure: the box is around those that reach the threshold, the score is the mean of all. */
  #figure(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    { width, height }: { readonly width: number; readonly height: number },
    settings: DetectionSettings,
  ): PostprocessResult {
    const keypoints = this.#decoder.figure(outputs).map((point) => pointInFrame(point, geometry));
    const seen = keypoints.filter(({ score = 0 }) => score >= settings.scoreThreshold);
    const score = keypoints.reduce((sum, point) => sum + (point.score ?? 0), 0) / keypoints.length;
    if (!keypoints.every(({ x, y }) => Number.isFinite(score + x + y)))
      return { detections: [], candidates: 1, invalid: 1 };
    const clip = (value: number, end: number) => Math.min(end, Math.max(0, value));
    const [xs, ys] = [seen.map(({ x }) => clip(x, width)), seen.map(({ y }) => clip(y, height))];
    const box = { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
    const isThere =
      score >= settings.scoreThreshold &&
      settings.maxDetections > 0 &&
      (this.#mask(settings.classes)?.[0] ?? 1) === 1 &&
      box.x2 > box.x1 &&
      box.y2 > box.y1;
    const found = {
      classId: 0,
      label: this.#labels[0]!,
      score: Math.min(1, Math.fround(score)),
      box,
      keypoints,
    };
    return { detections: isThere ? [found] : [], candidates: 1, invalid: 0 };
  }

  #vector(outputs: readonly OutputTensor[], frame: Size): PostprocessResult {
    const embedding = this.#decoder.vector(outputs);
    if (embedding === undefined) return nothing(1);
    return whole({ label: this.#labels[0]!, score: 1, embedding }, frame);
  }

  /** The text that was read is the label of the finding. */
  #text(
    outputs: readonly OutputTensor[],
    frame: Size,
    { scoreThreshold, maxDetections }: DetectionSettings,
  ): PostprocessResult {
    const { labels, score, invalid } = this.#decoder.text(outputs);
    if (labels.length === 0 || !(score >= scoreThreshold) || maxDetections < 1) return nothing(invalid);
    const label = labels.map((id) => this.#labels[id]!).join('');
    return { ...whole({ label, score: Math.min(1, Math.fround(score)) }, frame), invalid };
  }

  /** Each part of a map that hangs together is one rotated box. */
  #boxesOfMap(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    { width, height }: Size,
    settings: DetectionSettings,
  ): PostprocessResult {
    const isWanted = this.#mask(settings.classes)?.[0] !== 0;
    const regions = this.#decoder.boxesOfMap(outputs);
    const clip = (value: number, end: number) => Math.min(end, Math.max(0, value));
    const detections = regions
      .filter(({ score }) => isWanted && score >= settings.scoreThreshold)
      .map((region): Detection => {
        const { cx, cy, width: w, height: h, cos, sin } = region;
        const inInput = Float32Array.of(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2);
        const rotated = rotatedInFrame(inInput, Math.atan2(sin, cos), geometry);
        const hull = hullOf(rotated);
        const box = {
          ...{ x1: clip(hull.x1, width), y1: clip(hull.y1, height) },
          ...{ x2: clip(hull.x2, width), y2: clip(hull.y2, height) },
        };
        const score = Math.min(1, Math.fround(region.score));
        return { classId: 0, label: this.#labels[0]!, score, box, rotated };
      })
      .filter(({ box }) => box.x2 > box.x1 && box.y2 > box.y1)
      .sort((a, b) => b.score - a.score)
      .slice(0, settings.maxDetections);
    return { detections, candidates: regions.length, invalid: 0 };
  }

  #detection(
    index: number,
    geometry: LetterboxGeometry,
    { width, height }: { readonly width: number; readonly height: number },
  ): Detection | undefined {
    const { boxes, classes, scores } = this.#candidates;
    const inInput = boxes.subarray(4 * index, 4 * index + 4);
    const angle = this.#decoder.angle(this.#candidates, index);
    const rotated = this.#isRotated ? rotatedInFrame(inInput, angle, geometry) : undefined;
    const whole = rotated === undefined ? boxInFrame(inInput, geometry) : hullOf(rotated);
    const clip = (value: number, end: number) => Math.min(end, Math.max(0, value));
    const [x1, x2] = [clip(whole.x1, width), clip(whole.x2, width)];
    const [y1, y2] = [clip(whole.y1, height), clip(whole.y2, height)];
    // A box that lies wholly in the pad.
    if (!(x2 > x1 && y2 > y1)) return undefined;
    const classId = classes[index]!;
    const mask = this.#decoder.mask(this.#candidates, index);
    const keypoints = this.#decoder.keypoints(this.#candidates, index);
    return {
      classId,
      label: this.#labels[classId]!,
      score: Math.min(1, scores[index]!),
      box: { x1, y1, x2, y2 },
      ...(rotated === undefined ? {} : { rotated }),
      ...(mask === undefined ? {} : { mask: inFrame(mask, geometry) }),
      ...(keypoints === undefined
        ? {}
        : {
            keypoints: keypoints.map((point) => pointInFrame(point, geometry)),
          }),
    };
  }

  #mask(classes: readonly string[]): Uint8Array | undefined {
    if (classes !== this.#wantedFor) {
      this.#wantedFor = classes;
      const wanted = new Set(classes);
      this.#wanted =
        classes.length === 0
          ? undefined
          : Uint8Array.from(this.#labels, (label) => (wanted.has(label) ? 1 : 0));
    }
    return this.#wanted;
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** One finding that stands for the frame. */
function whole(
  found: Pick<Detection, 'label' | 'score' | 'embedding'>,
  { width, height }: Size,
): PostprocessResult {
  const box = { x1: 0, y1: 0, x2: width, y2: height };
  return { detections: [{ classId: 0, ...found, box }], candidates: 1, invalid: 0 };
}

const nothing = (invalid: number): PostprocessResult => ({ detections: [], candidates: 1, invalid });

function pointInFrame(point: Keypoint, { offsetX, offsetY, scaleX, scaleY }: LetterboxGeometry): Keypoint {
  return { ...point, x: (point.x - offsetX) / scaleX, y: (point.y - offsetY) / scaleY };
}

function boxInFrame(
  [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array,
  { offsetX, offsetY, scaleX, scaleY }: LetterboxGeometry,
): Box {
  return {
    x1: (x1 - offsetX) / scaleX,
    y1: (y1 - offsetY) / scaleY,
    x2: (x2 - offsetX) / scaleX,
    y2: (y2 - offsetY) / scaleY,
  };
}

/** The cells whose centres lie in the picture. */
function withoutPad(depth: DepthMap, geometry: LetterboxGeometry): DepthMap {
  const { columns, rows, cellWidth, cellHeight, values } = depth;
  const { offsetX, offsetY, resizedWidth, resizedHeight } = geometry;
  const left = Math.ceil(offsetX / cellWidth - 0.5);
  const top = Math.ceil(offsetY / cellHeight - 0.5);
  const width = Math.ceil((offsetX + resizedWidth) / cellWidth - 0.5) - left;
  const height = Math.ceil((offsetY + resizedHeight) / cellHeight - 0.5) - top;
  if (width === columns && height === rows) return depth;
  const kept = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * columns + left;
    kept.set(values.subarray(from, from + width), y * width);
  }
  const [x, y] = [left * cellWidth, top * cellHeight];
  return { ...depth, x, y, columns: width, rows: height, values: kept };
}

function inFrame<T extends Omit<Mask, 'values'>>(
  mask: T,
  { offsetX, offsetY, scaleX, scaleY }: LetterboxGeometry,
): T {
  return {
    ...mask,
    x: (mask.x - offsetX) / scaleX,
    y: (mask.y - offsetY) / scaleY,
    cellWidth: mask.cellWidth / scaleX,
    cellHeight: mask.cellHeight / scaleY,
  };
}
