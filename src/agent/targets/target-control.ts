import { Reliefs } from './busy.ts';
import { judge, type Verdict } from './judge.ts';
import { Ladder, type LadderMove, type LadderTimes } from './ladder.ts';
import type { CameraPromise, CameraWindow, Conditions } from './promise.ts';
import { type HeatLimits, ladderSignal } from './signal.ts';
import { type Degradation, degradationOf, type LadderStep } from './steps.ts';

export interface TargetControlOptions extends HeatLimits, LadderTimes {
  readonly promises: ReadonlyMap<string, CameraPromise>;
  readonly steps: readonly LadderStep[];
  /** Frames that the detectors work on at once. */
  readonly capacity: number;
}

export interface TargetDecision {
  readonly verdicts: readonly Verdict[];
  readonly move: LadderMove | undefined;
}

/** Judges every window of the cameras and takes or undoes steps: what it decides depends on what it was told alone. */
export class TargetControl {
  readonly #options: TargetControlOptions;
  readonly #ladder: Ladder;
  readonly #reliefs = new Reliefs();
  readonly #settleMs: number;
  #degradation: Degradation;
  #movedMs = Number.NEGATIVE_INFINITY;

  constructor(options: TargetControlOptions) {
    this.#options = options;
    this.#settleMs = options.settleMs;
    this.#ladder = new Ladder(options.steps.length, options);
    this.#degradation = degradationOf([], options.promises);
  }

  get level(): number {
    return this.#ladder.level;
  }

  /** What the steps come to that are taken. */
  get degradation(): Degradation {
    return this.#degradation;
  }

  /** About the windows that just ended. `nowMs`: monotonic. */
  decide(windows: readonly CameraWindow[], conditions: Conditions, nowMs: number): TargetDecision {
    const { promises, steps, capacity } = this.#options;
    const { off } = this.degradation;
    const verdicts = windows.flatMap((window) => {
      const verdict = judge(window, promises.get(window.camera) ?? {}, conditions);
      return verdict === undefined || off.has(window.camera) ? [] : [verdict];
    });
    const busy = windows.reduce((sum, { detectorMs, seconds }) => sum + detectorMs / (seconds * 1000), 0);
    const share = busy / capacity;
    if (nowMs - this.#movedMs >= this.#settleMs) this.#reliefs.settled(this.level, share);
    const relief = this.#reliefs.of(this.level);
    const signal = ladderSignal(verdicts, conditions, this.#options, share, relief);
    const move = this.#ladder.next(signal, nowMs);
    if (move === 'down') this.#reliefs.stepDown(share);
    if (move === 'down' || move === 'up') {
      this.#movedMs = nowMs;
      this.#degradation = degradationOf(steps.slice(0, this.level), promises);
    }
    return { verdicts, move };
  }
}
