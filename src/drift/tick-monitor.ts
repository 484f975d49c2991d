import type { DriftAlarm } from './alarm.ts';
import { ChannelBank, type Crossing } from './control/channel-bank.ts';
import { type IncidentOptions, Incidents } from './incidents.ts';
import type { PictureFit } from './picture/fit.ts';
import { warpCount } from './picture/registration.ts';
import type { Shift } from './picture/structure.ts';
import type { ViewReference } from './picture/view-reference.ts';
import { type LoadedBucket, LoadedProfile, standardise } from './profile/loaded.ts';
import { ClassMixTest } from './profile/mix.ts';
import { Multivariate } from './profile/multivariate.ts';
import { ObjectScoreTest } from './profile/object-score.ts';
import type { ReferenceProfile } from './profile/schema.ts';
import type { Tick } from './signals/assembler.ts';
import {
  at,
  baseCount,
  pointCount,
  type SignalInfo,
  type SignalName,
  signalCount,
  signals,
  signalWords,
} from './signals/catalogue.ts';
import { restWhereSparse } from './signals/sparse.ts';
import type { Explanation } from './verdict/causes.ts';
import { beyondTraffic, ExpectedLoss, type LossEvidence } from './verdict/expected-loss.ts';
import { Naming } from './verdict/naming.ts';
import { Recovery } from './verdict/recovery.ts';
import { brokenRules } from './verdict/rules.ts';
import type { Verdict } from './verdict/verdict.ts';

export interface TickMonitorOptions extends IncidentOptions {
  readonly arl0Ms: number;
}

/** What the monitor may ask about the live view when an alarm is near. */
export interface ViewProbe {
  shift(gradients: Float32Array): Shift;
  warped(reference: ViewReference, turn: number): number;
  /** Undefined where there is no view. */
  fit(reference: ViewReference, gradients: Float32Array): PictureFit | undefined;
  picture(): Uint8Array;
  /** What a memory of minutes holds of an incident that is over is no news. */
  forget(): void;
}

interface TickContext {
  /** The model is the profile's: its output may be judged. */
  readonly sameModel: boolean;
  /** A deployment is under way or has just ended. */
  readonly suppressed: boolean;
  readonly modelSuspect: boolean;
  readonly view: ViewProbe;
}

const tickMs = 1000;
/** Weight of the newest second in the smoothed values that causes are asked by. */
const smoothing = 0.4;
/** Seconds after a blind one in which the smoothed view still holds it. */
const recoverTicks = 16;
/** Seconds after an incident in which what is smoothed still holds it. */
const afterTicks = 6;
/** The view is looked for elsewhere where its edges match so much less than usual. */
const lostMatch = 0.06;
/** What is left per second of where a signal was furthest. */
const furthestFade = 0.97;
/** Deviations that a signal counts with at least when it has crossed. */
const leftBy = 3;
/** Seconds of an incident in which its picture is looked at every time, and how often after them. */
const promptLooks = 12;
const laterEvery = 3;
/** Warps of the view that are tried per second, and how fast a finding fades. */
const warpsPerTick = 4;
const placedFade = 0.9;

/** Seconds in, alarms out: rules of the sensor first, then every signal against the reference. */
export class TickMonitor {
  readonly incidents: Incidents;
  /** Standardised signals of the last tick that was judged; NaN where a signal was not. */
  readonly standard = new Float64Array(signalCount).fill(Number.NaN);
  crossings: readonly Crossing[] = [];
  /** Share of its accuracy that the model has lost on frames whose answers are known; undefined while these are right. */
  measuredLoss: number | undefined;
  readonly #loaded: LoadedProfile | undefined;
  readonly #bank: ChannelBank | undefined;
  readonly #multivariate: Multivariate | undefined;
  readonly #mix: ClassMixTest | undefined;
  readonly #objectScore: ObjectScoreTest | undefined;
  readonly #smooth = new Float64Array(signalCount).fill(Number.NaN);
  readonly #smoothStandard = new Float64Array(signalCount).fill(Number.NaN);
  /** Where each was furthest lately; what passes before the camera hides a fault for moments. */
  readonly #furthest = new Float64Array(signalCount);
  readonly #options: TickMonitorOptions;
  readonly #loss = new ExpectedLoss();
  readonly #naming = new Naming();
  readonly #recovery = new Recovery();
  #explanation: Explanation | undefined;
  #fit: PictureFit | undefined;
  #looks = 0;
  #looksNow = false;
  #placed = 0;
  #warp = 0;
  #hold = 0;
  #blindTicks = 0;
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

  get #answerNames(): readonly string[] {
    return this.profile?.answer ?? [];
  }

  /** How near the surest signal is to its threshold, 1 = there; undefined without a reference. */
  get score(): number | undefined {
    return this.#bank?.score;
  }

  get expectedLoss(): number | undefined {
    const estimated = this.#loss.value;
    return this.measuredLoss === undefined ? estimated : Math.max(this.measuredLoss, estimated ?? 0);
  }

  get lossParts(): Readonly<Record<string, number>> {
    return this.#loss.parts;
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
      return this.incidents.tick(this.#measured, tick.atMs, evidence);
    }
    const judged = this.#judge(tick, context);
    // What was measured needs no explanation.
    const verdict = this.#measured ?? judged;
    const grade = this.#measured === undefined && verdict ? this.#loss.gradeOf(verdict) : 'alarm';
    const over = this.#isOver();
    if (active !== undefined && this.#measured === undefined && over) return this.#over(tick.atMs, context);
    const news = this.incidents.tick(verdict, tick.atMs, evidence, grade);
    if (news?.phase === 'cleared') this.#over(tick.atMs, context);
    return news;
  }

  get #measured(): Verdict | undefined {
    return this.measuredLoss === undefined ? undefined : { kind: 'model-regression' };
  }

  #isOver(): boolean {
    const prompt = this.crossings.filter(({ signal }) => isPrompt(signals[signal]!));
    return this.#recovery.tick(prompt, this.standard);
  }

  /** What is left in sums and memories is of the incident that is over: the next one needs evidence of its own. */
  #over(atMs: number, { view }: TickContext): DriftAlarm | undefined {
    const news = this.incidents.over(atMs, () => this.#evidence(view));
    this.#forget();
    view.forget();
    this.#hold = afterTicks;
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
    if (this.#bucket !== bucket) {
      this.#smooth.fill(Number.NaN);
      this.#looks = 0;
    }
    this.#bucket = bucket;
    const vector = Float64Array.from(tick.vector);
    this.#mask(vector, tick, context);
    standardise(vector, bucket, this.standard, 0, baseCount);
    restWhereSparse(this.standard);
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
    if (this.crossings.length === 0 && this.incidents.active === undefined) {
      this.#quiet();
      return undefined;
    }
    const seen = this.#lossEvidence(tick, bucket, context);
    this.#loss.add(seen);
    this.#explanation = this.#naming.tick(seen);
    return this.crossings.length === 0 ? undefined : this.#explanation.verdict;
  }

  #quiet(): void {
    this.#naming.reset();
    this.#loss.reset();
    this.#recovery.reset();
    this.#explanation = undefined;
    this.#furthest.fill(0);
    this.#looks = 0;
    this.#placed = 0;
  }

  #lossEvidence(
    tick: Tick,
    bucket: LoadedBucket,
    { view, modelSuspect, sameModel }: TickContext,
  ): LossEvidence {
    const { reference, mean, deviation, usualScore, fragile } = bucket;
    // A signal that has crossed is known to have left, however little it did.
    const crossed = new Map(this.crossings.map(({ signal, direction }) => [signal, direction]));
    const z = (name: SignalName): number => {
      const value = finite(this.#smoothStandard[at[name]]!);
      const direction = crossed.get(at[name]);
      return direction === undefined ? value : direction * Math.max(leftBy, direction * value);
    };
    for (const [place, { name }] of signals.entries()) {
      const now = z(name);
      const before = furthestFade * this.#furthest[place]!;
      this.#furthest[place] = Math.abs(now) > Math.abs(before) ? now : before;
    }
    const fit = tick.picture && this.#look(reference, view);
    const found = this.#smooth[at.detections]! ** 2;
    const usual = mean[at.detections]!;
    const fewest = Math.max(0, usual - beyondTraffic * deviation[at.detections]!);
    const judged = sameModel && usual ** 2 > 0.05;
    return {
      ...{ z, fit, modelSuspect, fragile },
      furthest: (name) => this.#furthest[at[name]]!,
      change: (name) => this.#change(name),
      placed: fit === undefined ? 0 : this.#place(bucket, fit, view),
      confidenceLost: sameModel ? -this.#change('score') / usualScore : Number.NaN,
      found: judged ? found / usual ** 2 : 1,
      ofFewest: judged ? found / fewest ** 2 : Number.NaN,
    };
  }

  /** Every second while an incident gets its name, then now and again: frames wait for this thread. */
  #look(reference: LoadedBucket['reference'], view: ViewProbe): PictureFit | undefined {
    this.#looksNow = this.#looks < promptLooks || this.#looks % laterEvery === 0;
    this.#looks++;
    if (this.#looksNow) this.#fit = view.fit(reference.view, reference.gradients);
    return this.#fit;
  }

  /** A little of the search per second: frames wait for this thread. */
  #place({ reference, mean }: LoadedBucket, { hidden }: PictureFit, view: ViewProbe): number {
    if (!this.#looksNow) return this.#placed;
    const usual = mean[at.match]!;
    if (usual - this.#smooth[at.match]! < lostMatch && hidden < 0.15) {
      this.#placed *= placedFade;
      return this.#placed;
    }
    const { match, inPlace } = view.shift(reference.gradients);
    let found = match;
    for (let i = 0; i < warpsPerTick; i++)
      found = Math.max(found, view.warped(reference.view, this.#warp++ % warpCount));
    // A match that is poor everywhere is chance.
    const gain = found > 0.35 ? found - inPlace : 0;
    this.#placed = Math.max(placedFade * this.#placed, gain);
    return this.#placed;
  }

  /** Takes out what can't be compared: the output of another model, and what depends on the frame rate at another rate. */
  #mask(vector: Float64Array, tick: Tick, { sameModel }: TickContext): void {
    if (!sameModel) vector.fill(Number.NaN, at.detections, baseCount);
    // Another version may call other numbers its answers.
    if (tick.answerNames.join() !== this.#answerNames.join()) vector.fill(Number.NaN, pointCount, baseCount);
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
    this.#mix?.reset();
    this.#objectScore?.reset();
    this.#quiet();
    this.#smooth.fill(Number.NaN);
    this.#smoothStandard.fill(Number.NaN);
    this.standard.fill(Number.NaN);
    this.crossings = [];
  }

  #evidence(view: ViewProbe): Pick<DriftAlarm, 'signals' | 'view' | 'expectedLoss' | 'expectedLossRange'> {
    const said = new Map<number, Crossing>();
    for (const crossing of this.crossings) {
      const before = said.get(crossing.signal);
      if (before === undefined || before.logRunLength < crossing.logRunLength)
        said.set(crossing.signal, crossing);
    }
    // What the name explains first: it is what the name was given for.
    const named = this.#explanation?.signals ?? [];
    const rank = ({ signal }: Crossing): number => {
      const place = named.indexOf(signals[signal]!.name);
      return place < 0 ? named.length : place;
    };
    // A measurement is no statistic: nobody needs to doubt it.
    if (this.measuredLoss !== undefined) said.clear();
    return {
      signals: [...said.values()]
        .toSorted((a, b) => rank(a) - rank(b))
        .slice(0, 8)
        .map(({ signal, logRunLength }) => ({
          name: signalWords(signal, this.#answerNames) ?? signals[signal]!.name,
          value: this.#smooth[signal]!,
          usual: this.#bucket?.mean[signal],
          deviations: finite(this.#smoothStandard[signal]!),
          logRunLengthS: logRunLength,
        })),
      view: view.picture(),
      expectedLoss: this.expectedLoss,
      expectedLossRange: this.measuredLoss === undefined ? this.#loss.range : undefined,
    };
  }
}

/** It says of a second what that second was like. */
function isPrompt({ family, memoryS }: SignalInfo): boolean {
  return memoryS === undefined && family !== 'evidence';
}

function blend(before: number, now: number): number {
  if (Number.isNaN(now)) return before;
  return Number.isNaN(before) ? now : before + smoothing * (now - before);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
