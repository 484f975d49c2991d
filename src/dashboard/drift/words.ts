import type { CameraDrift, DriftCohort, DriftIncident } from '../api/types.ts';
import { shortDigest } from '../ui/format.ts';
import type { Tone } from '../ui/tone.ts';

/** What is said of drift, in words and tones. Pure. */

type Named = Pick<DriftCohort, 'scope' | 'name'>;

function nameOf({ scope, name }: Named): string {
  if (scope === 'camera') return 'This camera';
  if (scope === 'everyone') return 'The whole fleet';
  if (scope === 'model') return `Model ${shortDigest(name)}`;
  return scope === 'group' ? `Group ${name}` : `Device ${name}`;
}

/** `Group west`, with the other names of the same cameras: nothing can tell them apart. */
export function cohortWords(cohort: DriftCohort): string {
  const others = cohort.sameAs.map((one) => nameOf(one).replace(/^[A-Z]/, (first) => first.toLowerCase()));
  return [nameOf(cohort), ...others].join(' or ');
}

/** What it means for who should look. `alarms`: how many of its incidents are no mere notices. */
export function cohortAdvice({ scope, sameAs }: DriftCohort, alarms = 1): string {
  if (alarms === 0 && scope !== 'camera')
    return 'Notices only: the scene changed for all of them, as weather and seasons do. No harm is expected.';
  const scopes = [scope, ...sameAs.map((one) => one.scope)];
  if (scopes.includes('model') || scopes.includes('everyone'))
    return 'Check the model first, or what these cameras have in common.';
  if (scope === 'group') return 'Check the site first: light, weather, network, power.';
  return scope === 'device' ? 'Check the device first.' : 'Check the camera first.';
}

export function verdictTone({ severity, grade }: Pick<DriftIncident, 'severity' | 'grade'>): Tone {
  if (grade === 'notice') return 'accent';
  return severity === 'error' || severity === 'critical' ? 'error' : 'warning';
}

function rangeWords(range: DriftIncident['expectedLossRange']): string {
  if (range === undefined) return '';
  const [low, high] = range.map((share) => Math.round(share * 100));
  return `: in eight of ten cases ${low} to ${high} %`;
}

/** `Alarm`, `about 30 % lost`, and what that means. */
export function gradeWords({
  grade,
  expectedLoss,
  expectedLossRange,
  signals,
}: Pick<DriftIncident, 'grade' | 'expectedLoss' | 'expectedLossRange' | 'signals'>): {
  readonly word: string;
  readonly loss: string | undefined;
  readonly why: string;
} {
  const loss = expectedLoss === undefined ? undefined : `about ${Math.round(expectedLoss * 100)} % lost`;
  const word = grade === 'alarm' ? 'Alarm' : 'Notice';
  if (loss !== undefined)
    return {
      word,
      loss,
      why:
        signals.length === 0
          ? 'Loss of accuracy, measured with frames whose answers are known'
          : `Expected loss of accuracy, estimated from the image and from the answers of the model${rangeWords(expectedLossRange)}`,
    };
  if (grade === 'notice') return { word, loss, why: 'A change without a sign that the model does worse' };
  return {
    word,
    loss,
    why:
      signals.length === 0
        ? 'A sensor rule: its cost is not estimated'
        : 'Its cost is unknown, so it counts as harmful',
  };
}

/** `first sensor fault: dirty, then label shift`: what it was called before; undefined where it has one name. */
export function earlierWords({
  earlier = [],
  message,
}: Pick<DriftIncident, 'earlier' | 'message'>): string | undefined {
  const names = [...earlier.map((one) => one.message), message].filter((name, i, all) => name !== all[i - 1]);
  return names.length === 1 ? undefined : `first ${names.slice(0, -1).join(', then ')}`;
}

const states = {
  watching: ['ok', 'Watching'],
  learning: ['accent', 'Learning'],
  'sensor-only': ['idle', 'Sensor only'],
  off: ['idle', 'Off'],
} as const satisfies Record<NonNullable<CameraDrift['state']>, readonly [Tone, string]>;

export function stateWords(
  state: CameraDrift['state'],
  learning?: number,
  watched: CameraDrift['watched'] = [],
): { readonly tone: Tone; readonly word: string } {
  if (state === undefined) return { tone: 'idle', word: 'Not reported' };
  // With the profile of the model before the scene is watched on, and the new model is not.
  const scene = state === 'sensor-only' && watched.includes('scene');
  const [tone, word] = scene ? (['idle', 'Sensor and scene only'] as const) : states[state];
  return { tone, word: learning === undefined ? word : `Learning ${Math.round(learning * 100)} %` };
}

/** `4 in 100 000`, `less than 1 in a billion`: a chance as a person reads it. */
export function chanceWords(pValue: number): string {
  if (pValue < 1e-9) return 'less than 1 in a billion';
  if (pValue >= 0.01) return `${(pValue * 100).toPrecision(2).replace(/\.0$/, '')} %`;
  const one = Math.round(1 / pValue);
  const rounded = Number(one.toPrecision(2));
  return `1 in ${String(rounded).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')}`;
}

/** `log_sharpness` is for machines. */
export function signalWords(name: string): string {
  const words = name.replace(/^log_/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
