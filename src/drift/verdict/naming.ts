import { type Evidence, type Explanation, explain } from './causes.ts';
import { describeVerdict } from './verdict.ts';

/** Weight of the newest second. */
const weight = 0.2;
/** Another name must explain so much more, for so many seconds. */
const clearly = 1.35;
const forTicks = 5;
/** The remaining share per second of a cause that no longer explains the signals. */
const fade = 0.92;
const unknown = describeVerdict({ kind: 'scene-change', change: 'unfamiliar' });

/**
 * One name for an incident: the cause that explains best, over some seconds. Another one takes its place when it is clearly
 * better for some seconds in a row.
 */
export class Naming {
  readonly #scores = new Map<string, number>();
  #current: Explanation | undefined;
  #rival: string | undefined;
  #rivalTicks = 0;

  tick(evidence: Evidence): Explanation {
    const explanations = explain(evidence);
    const now = new Map<string, Explanation>();
    for (const one of explanations) {
      const name = describeVerdict(one.verdict);
      if (!now.has(name)) now.set(name, one);
    }
    for (const [name, score] of this.#scores)
      if (!now.has(name)) {
        if (score < 0.5) this.#scores.delete(name);
        else this.#scores.set(name, fade * score);
      }
    for (const [name, { score }] of now) {
      const before = this.#scores.get(name);
      this.#scores.set(name, before === undefined ? score : before + weight * (score - before));
    }
    const [best] = [...now].toSorted(([a], [b]) => this.#scores.get(b)! - this.#scores.get(a)!)[0]!;
    const mine = this.#current && describeVerdict(this.#current.verdict);
    if (mine === undefined || best === mine) {
      this.#rivalTicks = 0;
      this.#current = now.get(best)!;
      return this.#current;
    }
    // What is known is not forgotten for what is not.
    const better = best !== unknown && this.#scores.get(best)! > clearly * (this.#scores.get(mine) ?? 0);
    this.#rivalTicks = better && best === this.#rival ? this.#rivalTicks + 1 : better ? 1 : 0;
    this.#rival = best;
    if (this.#rivalTicks >= forTicks) {
      this.#rivalTicks = 0;
      this.#current = now.get(best)!;
    } else this.#current = now.get(mine) ?? this.#current!;
    return this.#current;
  }

  reset(): void {
    this.#scores.clear();
    this.#current = undefined;
    this.#rivalTicks = 0;
  }
}
