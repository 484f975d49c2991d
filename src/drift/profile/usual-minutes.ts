import { baseCount } from '../signals/catalogue.ts';
import { type Block, blockTicks } from './block.ts';
import { addMinute, type MinuteScores, scoreNumbers } from './object-score.ts';

/** Highest and lowest minutes that are remembered: of more than 800 minutes the sixteenth stands for one in fifty. */
const kept = 16;

/** Per signal: mean of the minute before, minutes, their sum, sum of squares, sum of products of neighbours. */
const chainNumbers = 5;

/** Numbers of a state: those of every base signal, and those of the scores of objects. */
export const usualNumbers: number = (3 + 2 * kept + chainNumbers) * baseCount + scoreNumbers;

/**
 * What all minutes of a time of day were like, signal by signal, where only some are kept second by second: mean and
 * deviation of their seconds (Chan, Golub and LeVeque 1979), the means of the highest and lowest minutes, and what objects
 * said of their scores. An hour of dusk that the sample hardly holds is in here.
 */
export class UsualMinutes {
  /** Per signal: seconds, their mean, the sum of squared differences from it. */
  readonly #moments = new Float64Array(3 * baseCount);
  /** Per signal: the means of its highest minutes, falling, then of its lowest, rising; NaN where there were fewer. */
  readonly #extremes = new Float64Array(2 * kept * baseCount).fill(Number.NaN);
  /** How the means of minutes follow each other: see `chainNumbers`. */
  readonly #chain = new Float64Array(chainNumbers * baseCount);
  readonly #scores = new Float64Array(scoreNumbers);

  static resume(numbers: ArrayLike<number>): UsualMinutes {
    const minutes = new UsualMinutes();
    let at = 0;
    for (const part of minutes.#parts()) for (let i = 0; i < part.length; i++) part[i] = numbers[at++]!;
    return minutes;
  }

  state(): Float64Array {
    const numbers = new Float64Array(usualNumbers);
    let at = 0;
    for (const part of this.#parts()) {
      numbers.set(part, at);
      at += part.length;
    }
    return numbers;
  }

  /** These minutes as if `weight` of another time of day's were among them; the extremes stay its own. */
  leaning(neighbours: readonly UsualMinutes[], weight: number): UsualMinutes {
    const all = UsualMinutes.resume(this.state());
    for (const other of neighbours) {
      for (let signal = 0; signal < baseCount; signal++) {
        const [count, mean, squares] = other.#moments.subarray(3 * signal, 3 * signal + 3);
        if (count! > 0) all.#take(signal, weight * count!, mean!, weight * squares!);
      }
      for (const [i, value] of other.#scores.entries()) all.#scores[i]! += weight * value;
    }
    return all;
  }

  /** With minutes that came after these, whose signals, and whose scores of objects, count from so much `apart`. */
  followedBy(later: UsualMinutes, apart: ArrayLike<number>, scoreApart: number): UsualMinutes {
    const all = UsualMinutes.resume(this.state());
    for (let signal = 0; signal < baseCount; signal++) {
      const by = apart[signal]!;
      const [count, mean, squares] = later.#moments.subarray(3 * signal, 3 * signal + 3);
      if (count! > 0) all.#take(signal, count!, mean! + by, squares!);
      for (const side of [0, 1] as const)
        for (const value of later.#extremesOf(2 * signal + side))
          all.#remember(2 * signal + side, value + by, side === 0 ? 1 : -1);
      const chain = later.#chain.subarray(chainNumbers * signal, chainNumbers * (signal + 1));
      if (chain[1]! > 0) all.#link(signal, chain, by);
    }
    const [n, sum, squares, minutes, sums2, products, n2] = later.#scores;
    const by = scoreApart;
    const moved = [n!, sum! + by * n!, squares! + 2 * by * sum! + by * by * n!, minutes!];
    moved.push(sums2! + 2 * by * products! + by * by * n2!, products! + by * n2!, n2!);
    for (const [i, value] of moved.entries()) all.#scores[i]! += value;
    return all;
  }

  /** The first of the minutes that follow is not known: it is taken for their mean. */
  #link(signal: number, later: Float64Array, by: number): void {
    const chain = this.#chain.subarray(chainNumbers * signal, chainNumbers * (signal + 1));
    const [last, count, sum, squares, products] = later as unknown as readonly [
      number,
      number,
      number,
      number,
      number,
    ];
    const mean = sum / count;
    if (chain[1]! > 0) chain[4]! += chain[0]! * (mean + by);
    chain[0] = last + by;
    chain[1]! += count;
    chain[2]! += sum + count * by;
    chain[3]! += squares + 2 * by * sum + count * by * by;
    chain[4]! += products + by * (2 * sum - last - mean) + (count - 1) * by * by;
  }

  #extremesOf(row: number): Float64Array {
    return this.#extremes.subarray(row * kept, (row + 1) * kept).filter((value) => !Number.isNaN(value));
  }

  get scores(): MinuteScores {
    return this.#scores;
  }

  #parts(): readonly Float64Array[] {
    return [this.#moments, this.#extremes, this.#chain, this.#scores];
  }

  /** NaN says nothing. */
  add({ base, objects }: Block): void {
    addMinute(
      this.#scores,
      objects.map(({ scores }) => scores),
    );
    for (let signal = 0; signal < baseCount; signal++) {
      let count = 0;
      let sum = 0;
      for (let tick = 0; tick < blockTicks; tick++) {
        const value = base[tick * baseCount + signal]!;
        if (Number.isNaN(value)) continue;
        count++;
        sum += value;
      }
      if (count === 0) continue;
      const mean = sum / count;
      let squares = 0;
      for (let tick = 0; tick < blockTicks; tick++) {
        const value = base[tick * baseCount + signal]!;
        if (!Number.isNaN(value)) squares += (value - mean) ** 2;
      }
      this.#take(signal, count, mean, squares);
      // A minute with a few seconds that say something is no minute.
      if (2 * count < blockTicks) continue;
      this.#follow(signal, mean);
      this.#remember(2 * signal, mean, 1);
      this.#remember(2 * signal + 1, mean, -1);
    }
  }

  /** Undefined where a signal hardly ever said anything. */
  momentsOf(signal: number): { readonly mean: number; readonly deviation: number } | undefined {
    const [count, mean, squares] = this.#moments.subarray(3 * signal, 3 * signal + 3);
    if (count! < blockTicks / 2) return undefined;
    return { mean: mean!, deviation: Math.sqrt(squares! / Math.max(1, count! - 1)) };
  }

  /** Mean of the minute that one in fifty of `minutes` goes beyond; NaN where none is known. */
  extreme(signal: number, direction: 1 | -1, minutes: number): number {
    const values = this.#extremesOf(2 * signal + (direction === 1 ? 0 : 1));
    return values[Math.min(values.length - 1, Math.floor(0.02 * minutes))] ?? Number.NaN;
  }

  /**
   * Independent minutes that say as much about the mean of a signal as its minutes do, which follow each other: n (1 - r) /
   * (1 + r) for a first-order chain (Bayley and Hammersley 1946).
   */
  independentMinutes(signal: number): number {
    const [, count, sum, squares, products] = this.#chain.subarray(chainNumbers * signal);
    const mean = sum! / count!;
    const variance = squares! / count! - mean * mean;
    const follows = (products! / Math.max(1, count! - 1) - mean * mean) / variance;
    const r = Number.isFinite(follows) ? Math.min(0.9, Math.max(0, follows)) : 0;
    return (count! * (1 - r)) / (1 + r);
  }

  #follow(signal: number, mean: number): void {
    const chain = this.#chain.subarray(chainNumbers * signal, chainNumbers * (signal + 1));
    if (chain[1]! > 0) chain[4]! += mean * chain[0]!;
    chain[0] = mean;
    chain[1]!++;
    chain[2]! += mean;
    chain[3]! += mean * mean;
  }

  #take(signal: number, count: number, mean: number, squares: number): void {
    const moments = this.#moments.subarray(3 * signal, 3 * signal + 3);
    const [before, usual, sum] = [moments[0]!, moments[1]!, moments[2]!];
    const apart = mean - usual;
    const total = before + count;
    moments[0] = total;
    moments[1] = usual + (apart * count) / total;
    moments[2] = sum + squares + (apart * apart * before * count) / total;
  }

  #remember(row: number, mean: number, direction: 1 | -1): void {
    const values = this.#extremes.subarray(row * kept, (row + 1) * kept);
    if (direction * mean <= direction * values[kept - 1]!) return;
    let place = kept - 1;
    while (place > 0 && !(direction * mean <= direction * values[place - 1]!)) {
      values[place] = values[place - 1]!;
      place--;
    }
    values[place] = mean;
  }
}
