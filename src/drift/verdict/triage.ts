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
const appearance: readonly SignalName[] = signals
  .filter(({ family }) => pictureFamilies.has(family))
  .map(({ name }) => name);
const quality: readonly SignalName[] = [
  'score',
  'low_margin',
  'log_candidates',
  'flicker',
  'untracked',
  'score_ks',
  'score_evidence',
  'log_track_age',
];
const mix: readonly SignalName[] = [
  'unknown_class',
  'class_chi2',
  'class_evidence',
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
  if (crossings.some(({ signal }) => pictureFamilies.has(signals[signal]!.family))) return ofPicture(input);
  if (input.modelSuspect || nothingFound(input)) return { kind: 'model-regression' };
  const surest = (names: readonly SignalName[]): number =>
    Math.max(
      0,
      ...crossings.filter(({ signal }) => names.includes(signals[signal]!.name)).map((c) => c.logRunLength),
    );
  const ofQuality = surest(quality);
  const ofMix = surest(mix);
  if (crossed.has('unknown_class') || ofMix > ofQuality) return { kind: 'label-shift' };
  if (ofQuality > 0) return { kind: 'model-regression' };
  return ofFurthest(input);
}

/** Below this no signal by itself explains that all together are unusual. */
const explains = 3;

/** Only the signals together are unusual: the one that is furthest from the reference says what it is. */
function ofFurthest(input: TriageInput): Verdict {
  const furthest = (names: readonly SignalName[]): number =>
    Math.max(...names.map((name) => Math.abs(input.deviations(name))));
  const ofQuality = furthest(quality);
  const ofMix = furthest(mix);
  const most = Math.max(ofQuality, ofMix);
  const ofAppearance = furthest(appearance);
  if (ofAppearance >= explains && ofAppearance > Math.max(most, furthest(['detections'])))
    return ofPicture(input);
  if (most < explains || furthest(['detections']) >= most) return scene(busyness(input));
  return { kind: ofQuality >= ofMix ? 'model-regression' : 'label-shift' };
}

/**
 * The marks of each cause in the picture, the unmistakable ones first. The numbers are changes in the signals' own
 * units; they were read from recordings of every cause at every severity (docs/drift.md), and lie where causes part.
 */
function ofPicture(input: TriageInput): Verdict {
  const { change } = input;
  const gain = change('log_gain');
  const offset = change('offset');
  const light = change('brightness');
  const noise = change('log_noise');
  const sharp = change('log_sharpness');
  const foreign = change('foreign_share');
  const lost = change('lost_detail');
  // White that is cut off has no noise.
  if (light > 0.1 && (change('bright_share') > 0.12 || noise < -0.6)) return fault('overexposed');
  if (noise > 0.35 && Math.abs(light) < 0.06 && gain > -0.3) return fault('noisy');
  // A sensor in the dark turns its gain up, and its noise with it; a dying one does not.
  if (noise > 0.15 && light < -0.04) return scene('darker');
  if (isMoved(input, gain, sharp, foreign)) return fault('moved');
  if (gain < -0.12 && Math.abs(offset) < 0.05 && light < -0.04 && foreign < 0.03) return fault('black');
  if (offset > 0.04 && gain < -0.06 && light > 0.02) return scene('hazier');
  if (sharp < -0.5 && lost > 0.35 && gain > -0.3 && Math.abs(light) < 0.06) return fault('blurred');
  if (foreign > 0.25 && lost > 0.35) return fault('covered');
  // What drives through the picture and is not found looks foreign too, but dirt does not move.
  if (foreign < 0.25 && nothingFound(input)) return { kind: 'model-regression' };
  if (foreign > 0.02 && light < 0.04) return fault('dirty');
  if (sharp < -0.25 && gain > -0.2 && Math.abs(light) < 0.06) return fault('blurred');
  const coloured = Math.abs(change('red_share')) + Math.abs(change('blue_share'));
  const even = Math.abs(light) < 0.08 && gain > -0.3 && offset < 0.1;
  if (even && (coloured > 0.03 || change('saturation') < -0.05)) return fault('wrong-colour');
  if (light < -0.04) return scene('darker');
  if (light > 0.05) return scene('brighter');
  return scene(busyness(input));
}

function isMoved(
  { match, usualMatch, shift }: TriageInput,
  gain: number,
  sharp: number,
  foreign: number,
): boolean {
  if (!(usualMatch - match > 0.12)) return false;
  const found = shift();
  if (found.match > found.inPlace + 0.1 && found.match > 0.35) return true;
  // Nothing of the old view is left, and the new one is as clear as the old.
  return match < 0.45 * usualMatch && foreign > 0.2 && Math.abs(gain) < 1.5 && Math.abs(sharp) < 0.4;
}

/** Things move as they always did, and the model finds far fewer of them: the street is not empty, the model is blind. */
function nothingFound({ change, deviations }: TriageInput): boolean {
  return change('log_unexplained_motion') > 1.5 && deviations('detections') < -2;
}

function busyness({ deviations }: TriageInput): SceneChange {
  const count = deviations('detections');
  if (Math.abs(count) <= 2) return 'unfamiliar';
  return count > 0 ? 'busier' : 'emptier';
}

function fault(name: SensorFault): Verdict {
  return { kind: 'sensor-fault', fault: name };
}

function scene(change: SceneChange): Verdict {
  return { kind: 'scene-change', change };
}
