import { type InputContract, type OutputContract, taskOf, tensorsOf } from '../../model/index.ts';
import { Candidates, HeadDecoder, type OutputTensor } from '../decode/index.ts';
import { type DepthMap, defaultDetectionSettings } from '../detection.ts';
import { Postprocessor } from '../postprocess/postprocess.ts';
import type { LetterboxGeometry } from '../preprocess/geometry.ts';

/** What a network said of a few pictures, as far as it tells whether it was fed and read as it was trained. */
export interface Evidence {
  readonly pictures: number;
  /** Boxes in the pictures with the score threshold and NMS of a device. */
  readonly findings: number;
  /** In a picture of one grey, which holds no object. */
  readonly findingsInGrey: number;
  /** Of the findings, how many reach over the whole picture. */
  readonly covering: number;
  /** Of the findings, the smallest and the largest score. */
  readonly weakest: number;
  readonly strongest: number;
  /** Largest and smallest score of any box, as the network gave it. */
  readonly best: number;
  readonly least: number;
  /** Boxes above the threshold before NMS, and those that lie within a single pixel at the upper left. */
  readonly candidates: number;
  readonly unitBoxes: number;
  /** Pictures in which more than half of all boxes are above the threshold, and there are many. */
  readonly flooded: number;
  /** Values that are NaN or infinite. */
  readonly invalid: number;
  /** Boxes above the threshold whose size is not finite or whose class has no label. */
  readonly unreadable: number;
  /** Every picture got the same answer. */
  readonly constant: boolean;
  /** It gives no boxes: it says what the whole picture shows, or what each of its places. */
  readonly classifier: boolean;
  /** The values of every picture are probabilities, 0 to 1 and 1 in sum. */
  readonly probabilities: boolean;
  /** The network leaves the softmax to who reads it. */
  readonly logits: boolean;
  /** Of a depth map in metres, the share of its places that are no distance. */
  readonly noDistance: number;
  /** Every depth map says nearly the same of all its places. */
  readonly flat: boolean;
  /** Labels that were found, most often first. */
  readonly labels: readonly string[];
}

/** What is a part of the picture, or a raw value of a cell, is no larger; pixels. */
const unitSide = 4;
const coveringShare = 0.95;
/** Fewer boxes may well all hold an object. */
const manyBoxes = 500;
/** Relative; what engines round differently is below. */
const sameWithin = 1e-6;
/** Of the middle value: the nearest and the farthest places of a picture differ by more. */
const flatWithin = 0.02;
/** What INT8 and half floats add up to beside 1. */
const beyondOne = 0.02;

/** Adds up what the network says, picture by picture. */
export class EvidenceCollector {
  readonly #output: OutputContract;
  readonly #decoder: HeadDecoder;
  readonly #postprocessor: Postprocessor;
  readonly #candidates = new Candidates();
  readonly #found = new Map<string, number>();
  readonly #scores: number[] = [];
  #first: readonly Float32Array[] | undefined;
  #probabilities = true;
  #pictures = 0;
  #inGrey = 0;
  #covering = 0;
  #best = Number.NEGATIVE_INFINITY;
  #least = Number.POSITIVE_INFINITY;
  #above = 0;
  #unitBoxes = 0;
  #flooded = 0;
  #invalid = 0;
  #unreadable = 0;
  #differs = false;
  #noDistance = 0;
  #uneven = 0;

  constructor(
    contracts: { readonly input: InputContract; readonly output: OutputContract },
    labels: readonly string[],
  ) {
    this.#output = contracts.output;
    this.#decoder = new HeadDecoder(contracts.output, contracts.input, labels.length);
    this.#postprocessor = new Postprocessor(contracts, labels);
  }

  /** One picture's outputs; they are not changed and not kept, but for those of the first picture. */
  add(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    picture: { readonly width: number; readonly height: number },
  ): void {
    this.#pictures += 1;
    this.#compare(outputs);
    const { map, raw, vector, text, regions } = this.#output;
    if (map !== true && (raw ?? vector ?? text ?? regions) === undefined) this.#scan(outputs);
    const settings = defaultDetectionSettings;
    const { detections, invalid } = this.#postprocessor.run(outputs, geometry, picture, settings);
    if (this.#output.depth === undefined) this.#unreadable += invalid;
    for (const { label, score, box, depth } of detections) {
      if (depth !== undefined) this.#lookAt(depth);
      this.#found.set(label, (this.#found.get(label) ?? 0) + 1);
      this.#scores.push(score);
      const area = (box.x2 - box.x1) * (box.y2 - box.y1);
      if (area >= coveringShare * picture.width * picture.height) this.#covering += 1;
    }
  }

  /** The same for a picture of one grey. */
  addGrey(
    outputs: readonly OutputTensor[],
    geometry: LetterboxGeometry,
    picture: { readonly width: number; readonly height: number },
  ): void {
    this.#inGrey += this.#postprocessor.run(
      outputs,
      geometry,
      picture,
      defaultDetectionSettings,
    ).detections.length;
  }

  get evidence(): Evidence {
    return {
      pictures: this.#pictures,
      findings: this.#scores.length,
      findingsInGrey: this.#inGrey,
      covering: this.#covering,
      weakest: this.#scores.length === 0 ? 0 : Math.min(...this.#scores),
      strongest: this.#scores.length === 0 ? 0 : Math.max(...this.#scores),
      // Of a map only what was found is known.
      best: Number.isFinite(this.#best) ? this.#best : Math.max(0, ...this.#scores),
      least: Number.isFinite(this.#least) ? this.#least : 0,
      candidates: this.#above,
      unitBoxes: this.#unitBoxes,
      flooded: this.#flooded,
      invalid: this.#invalid,
      unreadable: this.#unreadable,
      constant: this.#pictures > 1 && !this.#differs,
      classifier: this.#output.boxes === undefined,
      probabilities: taskOf(this.#output) === 'classification' ? this.#probabilities : !this.#isLogits,
      logits: this.#isLogits,
      noDistance: this.#pictures === 0 ? 0 : this.#noDistance / this.#pictures,
      flat: this.#output.depth !== undefined && this.#uneven === 0,
      labels: [...this.#found].sort(([, a], [, b]) => b - a).map(([label]) => label),
    };
  }

  #lookAt({ values }: DepthMap): void {
    const sorted = values.filter((value) => !Number.isNaN(value)).sort();
    this.#noDistance += 1 - sorted.length / values.length;
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    if (at(0.95) - at(0.05) > flatWithin * Math.abs(at(0.5))) this.#uneven += 1;
  }

  get #isLogits(): boolean {
    return this.#output.scores?.activation === 'softmax';
  }

  #compare(outputs: readonly OutputTensor[]): void {
    const read = tensorsOf(this.#output).map((name) => outputs.find((output) => output.name === name));
    const values = read.map((output) => output?.data ?? new Float32Array(0));
    for (const data of values)
      this.#invalid += data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    const first = this.#first;
    if (first === undefined) this.#first = values.map((data) => Float32Array.from(data));
    else this.#differs ||= values.some((data, at) => differ(data, first[at]!));
    if (this.#output.boxes !== undefined) return;
    const [scores = new Float32Array(0)] = values;
    const sum = scores.reduce((total, value) => total + value, 0);
    this.#probabilities &&= scores.every((value) => value > -beyondOne) && Math.abs(sum - 1) < beyondOne;
  }

  /** Every box, whatever its score. */
  #scan(outputs: readonly OutputTensor[]): void {
    const candidates = this.#candidates;
    const options = { scoreThreshold: Number.NEGATIVE_INFINITY, multiLabel: false };
    const all = this.#decoder.run(outputs, options, candidates, Number.POSITIVE_INFINITY);
    const threshold = defaultDetectionSettings.scoreThreshold;
    let above = 0;
    for (let i = 0; i < candidates.count; i++) {
      const score = candidates.scores[i]!;
      this.#best = Math.max(this.#best, score);
      this.#least = Math.min(this.#least, score);
      if (score < threshold) continue;
      above += 1;
      const box = candidates.boxes.subarray(i * 4, i * 4 + 4);
      if (box.every((side) => side > -unitSide && side < 2 * unitSide)) this.#unitBoxes += 1;
    }
    this.#above += above;
    if (all >= manyBoxes && above > all / 2) this.#flooded += 1;
  }
}

function differ(data: Float32Array, first: Float32Array): boolean {
  return (
    data.length !== first.length ||
    data.some((value, i) => Math.abs(value - first[i]!) > sameWithin * Math.max(1, Math.abs(first[i]!)))
  );
}
