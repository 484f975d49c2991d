import { InputError } from '../../base/index.ts';
import type { DetectorIdentity } from '../detection.ts';
import { allRules, type CameraRules, hasRules } from './rule-settings.ts';

const mostNamed = 20;

/** Why zones and lines count nothing, or not all that they name, with this model; undefined where they do. */
export function rulesProblem(
  rules: CameraRules,
  { model, labels, task }: Pick<DetectorIdentity, 'model' | 'labels' | 'task'>,
  tracked: boolean,
): InputError | undefined {
  // It has no classes to miss one of: nothing serves yet.
  if (!hasRules(rules) || labels.length === 0) return undefined;
  if (task === 'classification')
    return new InputError(
      'rules-untracked',
      `Zones and lines count objects, but ${model} is a classifier: it says what the whole picture shows.`,
      'Count with a detector, or remove the rules of this camera.',
    );
  if (!tracked)
    return new InputError(
      'rules-untracked',
      'Zones and lines count tracks, but the tracker is off.',
      'Leave --no-track out; the pictures of a folder need --track.',
    );
  for (const [rule, { classes = [] }] of allRules(rules)) {
    const unknown = classes.filter((label) => !labels.includes(label));
    if (unknown.length > 0) return unknownClass(rule, unknown, model, labels);
  }
  return undefined;
}

function unknownClass(
  rule: string,
  unknown: readonly string[],
  model: string,
  labels: readonly string[],
): InputError {
  return new InputError(
    'class-unknown',
    `${rule} counts ${unknown.map((label) => `"${label}"`).join(', ')}, which ${model} does not know.`,
    `Its classes are ${labels.slice(0, mostNamed).join(', ')}${labels.length > mostNamed ? ', ...' : ''}.`,
  );
}
