import type { Answer } from '../../perception/index.ts';
import { answerSignals, at } from './catalogue.ts';

const most = answerSignals.length;

/** What the task says of its answers, as a mean over the frames of a second, in the places that the catalogue has for it. */
export class AnswerMean {
  readonly #sums = new Float64Array(most);
  readonly #counts = new Float64Array(most);
  /** Of the last answer; empty where none came yet. */
  names: readonly string[] = [];

  add({ names, values }: Answer): void {
    if (names.join() !== this.names.join()) this.#clear();
    this.names = names;
    for (let i = 0; i < Math.min(most, values.length); i++) {
      if (!Number.isFinite(values[i]!)) continue;
      this.#sums[i]! += values[i]!;
      this.#counts[i]!++;
    }
  }

  /** NaN where nothing was said. */
  tick(vector: Float64Array): void {
    for (let i = 0; i < most; i++) vector[at.answer_1 + i] = this.#sums[i]! / this.#counts[i]!;
    this.#clear();
  }

  reset(): void {
    this.names = [];
    this.#clear();
  }

  #clear(): void {
    this.#sums.fill(0);
    this.#counts.fill(0);
  }
}
