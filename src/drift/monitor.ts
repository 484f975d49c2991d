import type { Thumbnail } from '../perception/index.ts';
import type { DriftAlarm } from './alarm.ts';
import type { ReferenceProfile } from './profile/schema.ts';
import { gapMs, type Tick, TickAssembler } from './signals/assembler.ts';
import { type SignalName, signals, signalWords } from './signals/catalogue.ts';
import type { WatchedResult } from './signals/watched.ts';
import { TickMonitor, type TickMonitorOptions } from './tick-monitor.ts';
import type { Verdict } from './verdict/verdict.ts';

interface DriftOptions extends TickMonitorOptions {
  /** After a deployment began, the scene and the model are not judged for so long. */
  readonly suppressMs: number;
}

export const defaultDriftOptions: DriftOptions = {
  arl0Ms: 30 * 86_400_000,
  raiseTicks: 2,
  changeTicks: 3,
  clearTicks: 10,
  coolDownMs: 600_000,
  suppressMs: 60_000,
};

/** What came of frames with a known answer. */
export interface KnownAnswer {
  readonly right: boolean;
  /** Share of what is known that was found, 0..1; undefined where no answer came. */
  readonly agreement: number | undefined;
}

/**
 * What is compared with something: the sensor with rules that need no reference, the scene, the output of the model and
 * its embedding with what is usual.
 */
export type WatchedPart = 'sensor' | 'scene' | 'model' | 'embedding';

/** For metrics and `describe`. */
export interface DriftState {
  readonly verdict: Verdict | undefined;
  /** For which there is something to compare with; at the moment they may rest, see `reason`. */
  readonly watched: readonly WatchedPart[];
  /** False without a profile, for another model, while it settles or is suppressed. */
  readonly judging: boolean;
  /** Why it is not judging, in words. */
  readonly reason: string | undefined;
  /** What is not judged although the rest is, and what to do, in words. */
  readonly resting: string | undefined;
  /** Share of the model's usual accuracy that is expected to be gone; undefined where nothing is wrong or none can tell. */
  readonly expectedLoss: number | undefined;
  /** See `ExpectedLoss.parts`. */
  readonly lossParts: Readonly<Record<string, number>>;
  /** How near the surest signal is to its threshold, 1 = there; undefined without a profile. */
  readonly score: number | undefined;
  /** Latest value of each signal; NaN where it has nothing to say. */
  readonly signals: readonly {
    /** As people read it: what the task says of its answers has the task's own names. */
    readonly name: string;
    readonly signal: SignalName;
    readonly value: number;
    readonly deviations: number;
  }[];
}

/** Silence that is a lost camera, not a slow one. */
const silenceMs = 3000;
const howToWatch =
  'Let the device learn one (`goshawk drift learn`), or roll out a bundle that holds one (`goshawk model profile --into`).';
/** So long a model that was just swapped or failed a known answer is the first suspect. */
const suspectMs = 600_000;

/**
 * Watches one camera and the model behind it. Fixed memory (below 300 kB with one time of day), no clock of its own:
 * every time is the monotonic clock's, in milliseconds, handed in.
 *
 * What could go wrong, and what happens
 * - NaN or infinite scores and boxes: counted, an alarm of their own (model regression), kept out of every other signal
 * - no detections for a day: signals of boxes rest, the number of detections says whether that is unusual
 * - a class that the reference never saw: `unknown_class`, verdict label shift
 * - a gap of more than 10 s, a device that slept: everything that is smoothed starts again, nothing is judged for 8 s
 * - the wall clock jumps: only the time of day changes with it
 * - 5 frames/s instead of 30: `frame rate lost`; signals that depend on the rate rest
 * - a model that is not the profile's: its output is not judged, the sensor and the view are
 * - no profile: frozen, black, overexposed, covered and lost frames are still found
 */
export class DriftMonitor {
  readonly #options: DriftOptions;
  readonly #assembler = new TickAssembler();
  readonly #monitor: TickMonitor;
  #lastMs: number | undefined;
  #lastTick: Tick | undefined;
  #digest: string | undefined;
  #stampNs = 0n;
  #suppressedUntil = Number.NEGATIVE_INFINITY;
  #suspectUntil = Number.NEGATIVE_INFINITY;
  #silent = false;

  constructor(profile: ReferenceProfile | undefined, options: Partial<DriftOptions> = {}) {
    this.#options = { ...defaultDriftOptions, ...options };
    this.#monitor = new TickMonitor(this.#options, profile);
  }

  /** One frame: either part may be missing. Gives what is news. */
  observe(thumbnail: Thumbnail | undefined, result: WatchedResult | undefined, atMs: number): DriftAlarm[] {
    const news: (DriftAlarm | undefined)[] = [];
    const last = this.#lastMs;
    if (last !== undefined && (atMs < last || atMs - last > gapMs)) this.#monitor.reset();
    this.#lastMs = atMs;
    if (result !== undefined) {
      if (this.#digest !== undefined && this.#digest !== result.identity.digest) this.deployment(atMs);
      this.#digest = result.identity.digest;
      this.#stampNs = result.stampNs;
    }
    const tick = this.#assembler.add(
      thumbnail,
      result,
      atMs,
      this.#monitor.bucketAt(this.#stampNs)?.reference,
    );
    if (this.#silent) {
      this.#silent = false;
      news.push(this.#monitor.incidents.end(atMs, () => this.#bareEvidence()));
    }
    if (tick !== undefined) {
      this.#lastTick = tick;
      news.push(this.#monitor.add(tick, this.#context(atMs)));
    }
    return news.filter((alarm) => alarm !== undefined);
  }

  /** Call it about once a second: a camera that sends nothing can't say so itself. */
  elapsed(atMs: number): DriftAlarm[] {
    if (this.#lastMs === undefined || atMs - this.#lastMs < silenceMs) return [];
    this.#silent = true;
    const verdict: Verdict = { kind: 'sensor-fault', fault: 'frame-rate-lost' };
    const alarm = this.#monitor.incidents.tick(verdict, atMs, () => this.#bareEvidence());
    return alarm === undefined ? [] : [alarm];
  }

  /** A deployment begins: for a while the model's output says nothing, and after it the model is the first suspect. */
  deployment(atMs: number): void {
    this.#suppressedUntil = atMs + this.#options.suppressMs;
    this.#suspectUntil = this.#suppressedUntil + suspectMs;
    this.#monitor.measuredLoss = undefined;
  }

  /**
   * Frames whose answers are known went through the live engine. A wrong answer is an alarm with the loss that was measured,
   * until a right one comes or another model. No answer at all makes the model the first suspect for a while.
   */
  knownAnswer({ right, agreement }: KnownAnswer, atMs: number): void {
    if (!right) this.#suspectUntil = Math.max(this.#suspectUntil, atMs + suspectMs);
    if (right) this.#monitor.measuredLoss = undefined;
    else if (agreement !== undefined) this.#monitor.measuredLoss = 1 - agreement;
  }

  state(): DriftState {
    const vector = this.#lastTick?.vector;
    const reason = this.#whyNot(this.#lastMs ?? 0);
    return {
      verdict: this.#monitor.incidents.active,
      watched: this.#watched(),
      judging: reason === undefined,
      reason,
      resting: reason === undefined ? this.#resting() : undefined,
      expectedLoss: this.#monitor.expectedLoss,
      lossParts: this.#monitor.lossParts,
      score: this.#monitor.score,
      signals: signals.flatMap(({ name: signal }, i) => {
        const name = signalWords(i, this.#lastTick?.answerNames ?? []);
        if (name === undefined) return [];
        return [{ name, signal, value: vector?.[i] ?? Number.NaN, deviations: this.#monitor.standard[i]! }];
      }),
    };
  }

  #whyNot(atMs: number): string | undefined {
    const { profile } = this.#monitor;
    if (profile === undefined) return `There is no reference profile. ${howToWatch}`;
    if (!this.#sameModel()) {
      return `The reference profile belongs to the model ${profile.modelDigest}, so what the model that runs gives is not watched. ${howToWatch}`;
    }
    if (atMs < this.#suppressedUntil) return 'A deployment is in progress.';
    return this.#lastTick === undefined || this.#lastTick.settling ? 'The stream has just begun.' : undefined;
  }

  #resting(): string | undefined {
    const learned = this.#monitor.profile?.embedding?.source;
    const now = this.#lastTick?.embedding?.source;
    if (learned === undefined || now === learned) return undefined;
    return `The embedding is not judged: it was learned from ${learned}, and ${now ?? 'none'} comes now. Learn again to watch it.`;
  }

  #watched(): readonly WatchedPart[] {
    const { profile } = this.#monitor;
    if (profile === undefined) return ['sensor'];
    if (!this.#sameModel()) return ['sensor', 'scene'];
    const embedding = profile.embedding !== undefined && this.#resting() === undefined;
    return ['sensor', 'scene', 'model', ...(embedding ? (['embedding'] as const) : [])];
  }

  /** Before the first frame nothing says otherwise. */
  #sameModel(): boolean {
    return this.#digest === undefined || this.#digest === this.#monitor.profile?.modelDigest;
  }

  #context(atMs: number) {
    const { view } = this.#assembler;
    return {
      sameModel: this.#sameModel(),
      suppressed: atMs < this.#suppressedUntil,
      modelSuspect: atMs < this.#suspectUntil,
      view: {
        shift: view.shift.bind(view),
        warped: view.warped.bind(view),
        fit: view.fit.bind(view),
        picture: () => Uint8Array.from(view.grey),
        forget: () => this.#assembler.forgetDistributions(),
      },
    };
  }

  #bareEvidence() {
    const unknown = { signals: [], expectedLoss: undefined, expectedLossRange: undefined };
    return { ...unknown, view: Uint8Array.from(this.#assembler.view.grey) };
  }
}
