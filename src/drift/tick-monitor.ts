import type { DriftAlarm } from './alarm.ts';
import { ChannelBank, type Crossing } from './control/channel-bank.ts';
import { type IncidentOptions, Incidents } from './incidents.ts';
import type { Shift } from './picture/structure.ts';
import { type LoadedBucket, LoadedProfile, standardise } from './profile/loaded.ts';
import { ClassMixTest } from './profile/mix.ts';
import { Multivariate } from './profile/multivariate.ts';
import { ObjectScoreTest } from './profile/object-score.ts';
import type { ReferenceProfile } from './profile/schema.ts';
import type { Tick } from './signals/assembler.ts';
import { at, baseCount, type SignalName, signalCount, signals } from './signals/catalogue.ts';
import { SparseRest } from './signals/sparse.ts';
import { ExpectedLoss } from './verdict/expected-loss.ts';
import { brokenRules } from './verdict/rules.ts';
import { triage } from './verdict/triage.ts';
import type { Verdict } from './verdict/verdict.ts';

export interface TickMonitorOptions extends IncidentOptions {
  readonly arl0Ms: number;
}

/** What the monitor may ask about the live view when an alarm is near. */
export interface ViewProbe {
  shift(gradients: Float32Array): Shift;
  picture(): Uint8Array;
}

export interface TickContext {
  /** The model is the profile's: its output may be judged. */
  readonly sameModel: boolean;
  /** A deployment is under way or has just ended. */
  readonly suppressed: boolean;
  readonly modelSuspect: boolean;
  readonly view: ViewProbe;
}

const tickMs = 1000;
/** Weight of the newest second in the smoothed values that the triage reads. */
const smoothing = 0.4;
/** Smoothed deviations below which a signal is as usual again, whatever its sum still holds. */
const usualAgain = 1.5;
/** Seconds after a blind one in which the smoothed view still holds it. */
const recoverTicks = 16;

/** Seconds in, alarms out: rules of the sensor first, then every signal against the reference. */
export class TickMonitor {
  readonly incidents: Incidents;
  /** Standardised signals of the last tick that was judged; NaN where a signal was not. */
  readonly standard = new Float64Array(signalCount).fill(Number.NaN);
  crossings: readonly Crossing[] = [];
  readonly #loaded: LoadedProfile | undefined;
  readonly #bank: ChannelBank | undefined;
  readonly #multivariate: Multivariate | undefined;
  readonly #mix: ClassMixTest | undefined;
  readonly #objectScore: ObjectScoreTest | undefined;
  readonly #smooth = new Float64Array(signalCount).fill(Number.NaN);
  readonly #smoothStandard = new Float64Array(signalCount).fill(Number.NaN);
  readonly #options: TickMonitorOptions;
  readonly #sparse = new SparseRest();
  readonly #loss = new ExpectedLoss();
  #hold = 0;
  #blindTicks = 0;
  #fading = false;
  #bucket: LoadedBucket | undefined;

  constructor(options: TickMonitorOptions, profile: ReferenceProfile | undefined) {
    this.#options = options;
    this.incidents = new Incidents(options);
    if (profile === undefined) return;
    this.#loaded = new LoadedProfile(profile);
    this.#bank = new ChannelBank(profile.controls, options.arl0Ms / tickMs);
    this.#multivariate = new Multivariate(profile);
    if (profile.classMix !== undefined) this.#mix = new ClassMixTest(profile.classMix);
    if (profile.objectScoreDeviation !== undefined)
      this.#objectScore = new ObjectScoreTest(profile.objectScoreDeviation);
  }

  get profile(): ReferenceProfile | undefined {
    return this.#loaded?.profile;
  }

  /** How near the surest signal is to its threshold, 1 = there; undefined without a reference. */
  get score(): number | undefined {
    return this.#bank?.score;
  }

  get expectedLoss(): number | undefined {
    return this.#loss.value;
  }

  /** The reference for the time of day of a stamp. */
  bucketAt(stampNs: bigint): LoadedBucket | undefined {
    return this.#loaded?.at(stampNs);
  }

  add(tick: Tick, context: TickContext): DriftAlarm | undefined {
    const evidence = () => this.#evidence(context.view);
    const { active } = this.incidents;
    const fault = active?.kind === 'sensor-fault' ? active.fault : undefined;
    const reference = this.profile && { ...this.profile, muted: this.profile.mutedRules };
    const [rule] = brokenRules(tick, reference, fault);
    this.#blindTicks = rule === undefined ? 0 : this.#blindTicks + 1;
    if (rule !== undefined) {
      // What a blind camera does to the other signals is no news, and must not stay in their sums; after one flash they go on.
      this.#hold = recoverTicks;
      if (this.#blindTicks >= this.#options.raiseTicks) this.#forget();
      return this.incidents.tick({ kind: 'sensor-fault', fault: rule }, tick.atMs, evidence);
    }
    if (tick.settling || context.suppressed) this.#forget();
    if (tick.settling || context.suppressed || this.#hold > 0) {
      this.#hold = Math.max(0, this.#hold - 1);
      return this.incidents.tick(undefined, tick.atMs, evidence);
    }
    const verdict = this.#judge(tick, context);
    const usual = this.#bucket === undefined ? Number.NaN : this.#bucket.usualScore;
    const change = context.sameModel
      ? tick.vector[at.score]! - (this.#bucket?.mean[at.score] ?? 0)
      : Number.NaN;
    this.#loss.add(this.crossings.length > 0, change, usual);
    const grade = verdict && this.#loss.gradeOf(verdict);
    const news = this.incidents.tick(verdict, tick.atMs, evidence, grade);
    // What is left in the sums is of the incident that is over: the next one needs evidence of its own.
    if (news?.phase === 'cleared') this.#bank?.reset();
    return news;
  }

  /** After a gap: what was before says nothing about what comes. */
  reset(): void {
    this.#forget();
    this.#blindTicks = 0;
  }

  #judge(tick: Tick, context: TickContext): Verdict | undefined {
    const bucket = this.bucketAt(tick.stampNs);
    if (bucket === undefined || this.#bank === undefined) return undefined;
    // Another time of day: the sums stay, the smoothed differences are of another mean.
    if (this.#bucket !== bucket) this.#smooth.fill(Number.NaN);
    this.#bucket = bucket;
    const vector = Float64Array.from(tick.vector);
    this.#mask(vector, tick, context);
    standardise(vector, bucket, this.standard, 0, baseCount);
    this.#sparse.apply(this.standard);
    const { embedding } = tick;
    const multivariate = this.#multivariate!;
    const known = embedding?.source === multivariate.embeddingSource ? embedding?.projected : undefined;
    multivariate.add(this.standard, known, vector);
    if (this.#mix !== undefined && bucket.classMix !== undefined)
      vector[at.class_evidence] = this.#mix.add(
        tick.objects.classes,
        tick.vector[at.detections]!,
        bucket.classMix,
      );
    if (this.#objectScore !== undefined && bucket.objectScore !== undefined)
      vector[at.score_evidence] = this.#objectScore.add(tick.objects.scores, bucket.objectScore);
    standardise(vector, bucket, this.standard, baseCount);
    if (!context.sameModel) this.standard.fill(Number.NaN, baseCount);
    for (let i = 0; i < signalCount; i++) {
      this.#smooth[i] = blend(this.#smooth[i]!, vector[i]!);
      this.#smoothStandard[i] = blend(this.#smoothStandard[i]!, this.standard[i]!);
    }
    this.crossings = this.#bank.add(this.standard);
    const { active } = this.incidents;
    if (this.#isFading() && active !== undefined) return active;
    return triage({
      crossings: this.crossings,
      change: (name) => this.#change(name),
      deviations: (name) => finite(this.#smoothStandard[at[name]]!),
      match: this.#smooth[at.match]!,
      usualMatch: bucket.mean[at.match]!,
      shift: () => context.view.shift(bucket.reference.gradients),
      modelSuspect: context.modelSuspect,
    });
  }

  /**
   * The sums of an incident take minutes to empty after its cause is gone. What they still hold has no cause of its own:
   * an empty street that fills again would be called unfamiliar. Signals with a memory don't count: they lag too.
   */
  #isFading(): boolean {
    const prompt = this.crossings.filter(({ signal }) => !('memoryS' in signals[signal]!));
    const far = prompt.some(
      ({ signal, direction }) => direction * finite(this.#smoothStandard[signal]!) > usualAgain,
    );
    if (far || this.crossings.length === 0) this.#fading = false;
    else if (prompt.length > 0) this.#fading = true;
    return this.#fading;
  }

  /** Takes out what can't be compared: the output of another model, and what depends on the frame rate at another rate. */
  #mask(vector: Float64Array, tick: Tick, { sameModel }: TickContext): void {
    if (!sameModel) vector.fill(Number.NaN, at.detections, baseCount);
    const ratio = tick.frames / tick.seconds / Math.max(0.1, this.profile!.framesPerSecond);
    if (ratio > 0.6 && ratio < 1.7) return;
    for (const [i, signal] of signals.entries()) if ('ofRate' in signal) vector[i] = Number.NaN;
  }

  #change(name: SignalName): number {
    const place = at[name];
    return finite(this.#smooth[place]! - (this.#bucket?.mean[place] ?? Number.NaN));
  }

  #forget(): void {
    this.#bank?.reset();
    this.#multivariate?.reset();
    this.#mix?.reset();
    this.#objectScore?.reset();
    this.#sparse.reset();
    this.#loss.reset();
    this.#fading = false;
    this.#smooth.fill(Number.NaN);
    this.#smoothStandard.fill(Number.NaN);
    this.standard.fill(Number.NaN);
    this.crossings = [];
  }

  #evidence(view: ViewProbe): Pick<DriftAlarm, 'signals' | 'view' | 'expectedLoss'> {
    const said = new Map<number, Crossing>();
    for (const crossing of this.crossings) {
      const before = said.get(crossing.signal);
      if (before === undefined || before.logRunLength < crossing.logRunLength)
        said.set(crossing.signal, crossing);
    }
    return {
      signals: [...said.values()].slice(0, 8).map(({ signal, logRunLength }) => ({
        name: signals[signal]!.name,
        value: this.#smooth[signal]!,
        usual: this.#bucket?.mean[signal],
        deviations: finite(this.#smoothStandard[signal]!),
        logRunLengthS: logRunLength,
      })),
      view: view.picture(),
      expectedLoss: this.#loss.value,
    };
  }
}

function blend(before: number, now: number): number {
  if (Number.isNaN(now)) return before;
  return Number.isNaN(before) ? now : before + smoothing * (now - before);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
