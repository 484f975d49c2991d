import type { Steps } from '../../../base/index.ts';
import type { Finding, Look } from './finding.ts';
import type { Series } from './series.ts';
import { type Comparison, harmOnScale } from './table.ts';

/** Who could have made up an answer: every measure of a gate comes from devices, so what counts is whether one is enough. */
export interface Standing {
  /** The only device of an arm: no other confirms its values. */
  readonly alone?: string;
  /** Without this device the others show a harm that is worth finding. */
  readonly hinges?: { readonly device: string; readonly found: Finding };
}

type Arm = Series['subject']['arm'];

/**
 * A device can send whatever numbers it likes, as one of the wave or of its control. So a pass has to hold without any one of
 * them: where the others alone point to a harm that is worth finding, the answer hinges on one device. The others need not
 * rule the harm out, since they are fewer and see less.
 */
export function* standsWithoutOne(
  comparison: Comparison,
  series: readonly Series[],
  compare: (part: readonly Series[]) => Steps<Look>,
): Steps<Standing> {
  let alone: string | undefined;
  for (const arm of ['treated', 'control'] as const) {
    const moved = movedMost(comparison, series, arm);
    if (moved.devices === 1) alone ??= moved.extremes[0];
    if (moved.devices < 2) continue;
    for (const device of moved.extremes) {
      const found = yield* compare(series.filter(({ subject }) => subject.device !== device));
      if (found.kind === 'found' && found.estimate >= harmOnScale(comparison))
        return { hinges: { device, found } };
    }
  }
  return alone === undefined ? {} : { alone };
}

/** The two that changed most, up and down: whoever moves the answer is one of them, and all of a large wave cost minutes. */
function movedMost(comparison: Comparison, series: readonly Series[], arm: Arm) {
  const sums = new Map<string, { change: number; cameras: number }>();
  for (const one of series) {
    const change = one.subject.arm === arm ? changeOf(comparison, one) : undefined;
    if (change === undefined) continue;
    const known = sums.get(one.subject.device) ?? { change: 0, cameras: 0 };
    sums.set(one.subject.device, { change: known.change + change, cameras: known.cameras + 1 });
  }
  const ranked = [...sums]
    .map(([device, { change, cameras }]) => [device, change / cameras] as const)
    .sort(([, a], [, b]) => a - b)
    .map(([device]) => device);
  return { devices: ranked.length, extremes: [...new Set([...ranked.slice(0, 1), ...ranked.slice(-1)])] };
}

const least = 1e-3;

/** After against before, on the metric's scale; by itself where nothing was before. */
function changeOf({ rule }: Comparison, series: Series): number | undefined {
  const { value, changed, settle, usual } = series;
  const after = mean(series, changed + settle, value.length) ?? mean(series, changed, value.length);
  if (after === undefined) return undefined;
  if (rule.kind === 'trend')
    return after / Math.max(least, mean(series, changed, changed + settle + 1) ?? after);
  const before = mean(series, 0, usual) ?? 0;
  return rule.scale === 'linear' ? after - before : Math.log((after + least) / (before + least));
}

function mean({ value, weight }: Series, from: number, to: number): number | undefined {
  let sum = 0;
  let total = 0;
  for (let at = Math.max(0, from); at < to; at++) {
    sum += value[at]! * weight[at]!;
    total += weight[at]!;
  }
  return total > 0 ? sum / total : undefined;
}
