import type { Crossing } from '../control/channel-bank.ts';
import type { Shift } from '../picture/structure.ts';
import { type SignalName, signals } from '../signals/catalogue.ts';
import type { SceneChange, SensorFault, Verdict } from './verdict.ts';

export interface TriageInput {
  readonly crossings: readonly Crossing[];
  /** Live minus reference in the signal's own unit, smoothed over some seconds; 0 where unknown. */
  readonly change: (name: SignalName) => number;
  /** The same in deviations of the reference. */
  readonly deviations: (name: SignalName) => number;
  /** Match of the edges in their old place, -1..1, and what the reference usually has. */
  readonly match: number;
  readonly usualMatch: number;
  /** Where the reference is found again in the picture; asked only when it may matter. */
  readonly shift: () => Shift;
  /** The model changed a short while ago, or failed a frame with a known answer. */
  readonly modelSuspect: boolean;
}

/** Families of signals whose change means that the picture changed, not only what was found in it. */
const pictureFamilies = new Set<string>(['picture', 'view']);
const quality: readonly SignalName[] = [
  'score',
  'low_margin',
  'log_candidates',
  'flicker',
  'untracked',
  'score_ks',
  'log_track_age',
];
const mix: readonly SignalName[] = [
  'unknown_class',
  'class_chi2',
  'box_psi',
  'log_area',
  'log_aspect',
  'centre_x',
  'centre_y',
];

/**
 * Names the cause. The picture is asked first: a blind camera makes every signal of the model strange, but a model that
 * got worse leaves the picture as it was. `undefined` when nothing crossed.
 */
export function triage(input: TriageInput): Verdict | undefined {
  const { crossings } = input;
  if (crossings.length === 0) return undefined;
  const crossed = new Set(crossings.map(({ signal }) => signals[signal]!.name));
  if (crossed.has('invalid_share')) return { kind: 'model-regression' };
  const pictureCrossed = crossings.some(({ signal }) => pictureFamilies.has(signals[signal]!.family));
  if (pictureCrossed) {
    const fault = sensorFault(input);
    return fault === undefined
      ? { kind: 'scene-change', change: sceneChange(input) }
      : { kind: 'sensor-fault', fault };
  }
  if (input.modelSuspect) return { kind: 'model-regression' };
  const surest = (names: readonly SignalName[]): number =>
    Math.max(
      0,
      ...crossings.filter(({ signal }) => names.includes(signals[signal]!.name)).map((c) => c.logRunLength),
    );
  const ofQuality = surest(quality);
  const ofMix = surest(mix);
  if (crossed.has('unknown_class') || ofMix > ofQuality) return { kind: 'label-shift' };
  if (ofQuality > 0) return { kind: 'model-regression' };
  return { kind: 'scene-change', change: sceneChange(input) };
}

function sensorFault({ change, match, usualMatch, shift }: TriageInput): SensorFault | undefined {
  const gain = change('log_gain');
  const offset = change('offset');
  const light = change('brightness');
  const noise = change('log_noise');
  const sharp = change('log_sharpness');
  const foreign = change('foreign_share');
  if (change('bright_share') > 0.12 && light > 0.1) return 'overexposed';
  if (noise > 0.45 && Math.abs(light) < 0.08 && gain > -0.5) return 'noisy';
  if (usualMatch - match > 0.12) {
    const found = shift();
    const away = Math.abs(found.dx) + Math.abs(found.dy) > 0;
    if (away && found.match > match + 0.08) return 'moved';
    const asClear = Math.abs(gain) < 0.6 && Math.abs(sharp) < 0.5;
    if (asClear && match < 0.45 * usualMatch && foreign > 0.2) return 'moved';
  }
  const coloured = Math.abs(change('red_share')) + Math.abs(change('blue_share'));
  if (gain < -0.3 && offset < 0.06 && light < -0.05 && noise < 0.12 && coloured < 0.03) return 'black';
  const evenLight = Math.abs(light) < 0.12;
  if (foreign > 0.3 && change('lost_detail') > 0.3 && evenLight && gain < -0.3) return 'covered';
  if (foreign > 0.02 && evenLight && gain > -0.4) return 'dirty';
  if (sharp < -0.25 && gain > -0.3 && evenLight) return 'blurred';
  if (coloured > 0.04 && gain > -0.3 && evenLight && offset < 0.1) return 'wrong-colour';
  return undefined;
}

function sceneChange({ change, deviations }: TriageInput): SceneChange {
  const light = change('brightness');
  if (change('log_gain') < -0.12 && change('offset') > 0.03) return 'hazier';
  if (light < -0.04 && change('log_gain') < 0) return 'darker';
  if (light > 0.06) return 'brighter';
  const count = deviations('detections');
  if (Math.abs(count) > 2) return count > 0 ? 'busier' : 'emptier';
  return 'unfamiliar';
}
