import { InputError } from '../base/index.ts';
import type { DetectorIdentity } from './detection.ts';

const mostNamed = 20;

/** Which of these classes the model does not have; undefined where it has all of them, and where nothing serves yet. */
export function unknownClasses(
  classes: readonly string[],
  { model, labels }: Pick<DetectorIdentity, 'model' | 'labels'>,
): InputError | undefined {
  if (labels.length === 0) return undefined;
  const unknown = classes.filter((label) => !labels.includes(label));
  if (unknown.length === 0) return undefined;
  return new InputError(
    'class-unknown',
    `The model ${model} has no class ${unknown.map((label) => `"${label}"`).join(', ')}.`,
    `Its classes are ${labels.slice(0, mostNamed).join(', ')}${labels.length > mostNamed ? ', ...' : ''}.`,
  );
}
