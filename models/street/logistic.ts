import type { ClassRow } from './heads.ts';

/** What one row of a head was shown: features, and whether the class was there. */
export class RowSamples {
  readonly channels: number;
  readonly #features: Float32Array[] = [];
  readonly #answers: boolean[] = [];

  constructor(channels: number) {
    this.channels = channels;
  }

  add(features: Float32Array, yes: boolean): void {
    this.#features.push(features);
    this.#answers.push(yes);
  }

  get count(): number {
    return this.#answers.length;
  }

  get yes(): number {
    return this.#answers.filter((answer) => answer).length;
  }

  at(index: number): readonly [features: Float32Array, yes: boolean] {
    return [this.#features[index]!, this.#answers[index]!];
  }
}

const rounds = 400;
const rate = 0.5;
/** Against few samples of many channels. */
const ridge = 1e-3;
const leastYes = 8;

/** Logistic regression by gradient descent on standardised features; undefined where the class was hardly seen. */
export function learnRow(samples: RowSamples): ClassRow | undefined {
  const { count, channels, yes } = samples;
  if (yes < leastYes || count === yes) return undefined;
  const { mean, deviation } = spreadOf(samples);
  const weights = new Float64Array(channels);
  let bias = Math.log(yes / (count - yes));
  const slope = new Float64Array(channels);
  for (let round = 0; round < rounds; round++) {
    slope.fill(0);
    let lift = 0;
    for (let index = 0; index < count; index++) {
      const [features, answer] = samples.at(index);
      let sum = bias;
      for (let c = 0; c < channels; c++) sum += weights[c]! * ((features[c]! - mean[c]!) / deviation[c]!);
      const off = 1 / (1 + Math.exp(-sum)) - (answer ? 1 : 0);
      lift += off;
      for (let c = 0; c < channels; c++) slope[c]! += off * ((features[c]! - mean[c]!) / deviation[c]!);
    }
    for (let c = 0; c < channels; c++) weights[c]! -= rate * (slope[c]! / count + ridge * weights[c]!);
    bias -= (rate * lift) / count;
  }
  // As a row that reads the features as they are.
  for (let c = 0; c < channels; c++) bias -= (weights[c]! * mean[c]!) / deviation[c]!;
  return { weights: Float32Array.from(weights, (weight, c) => weight / deviation[c]!), bias };
}

function spreadOf(samples: RowSamples): { readonly mean: Float64Array; readonly deviation: Float64Array } {
  const { count, channels } = samples;
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let index = 0; index < count; index++) {
    const [features] = samples.at(index);
    for (let c = 0; c < channels; c++) {
      mean[c]! += features[c]! / count;
      squares[c]! += features[c]! ** 2 / count;
    }
  }
  const deviation = squares.map((square, c) => Math.sqrt(Math.max(1e-8, square - mean[c]! ** 2)));
  return { mean, deviation };
}
