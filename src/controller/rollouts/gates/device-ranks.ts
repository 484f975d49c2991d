import type { Contrast } from './contrast.ts';
import type { Finding, Sides } from './finding.ts';
import { harmOf } from './finding.ts';
import type { Member } from './pretended.ts';
import { permutationPValue } from './ranks.ts';
import { studentBounds } from './student.ts';
import { type Comparison, grainOf } from './table.ts';

export interface Ranks {
  readonly values: readonly number[];
  readonly treated: number;
  readonly controls: number;
}

/** One harm per device: cameras of one device share too much to count apart. */
export function ranksOf(
  comparison: Comparison,
  members: readonly Member[],
  contrasts: readonly (Contrast | undefined)[],
  carried: number,
): Ranks | undefined {
  const devices = { treated: new Map<string, number[]>(), control: new Map<string, number[]>() };
  for (const [index, { sums }] of members.entries()) {
    const contrast = contrasts[index];
    if (contrast === undefined) continue;
    const { arm, device } = sums.series.subject;
    const own = devices[arm].get(device) ?? [];
    devices[arm].set(device, own);
    const value = contrast.after - carried * contrast.before;
    own.push(comparison.direction === 'down' ? -value : value);
  }
  if (comparison.direction === 'both' || devices.control.size === 0 || devices.treated.size === 0)
    return undefined;
  const means = (of: ReadonlyMap<string, readonly number[]>) =>
    [...of.values()].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    values: [...means(devices.treated), ...means(devices.control)],
    treated: devices.treated.size,
    controls: devices.control.size,
  };
}

/** The bounds are those of a t-test on the devices: ranks give no interval where devices are few. */
export function byRanks(
  comparison: Comparison,
  { values, treated, controls }: Ranks,
  difference: number,
  sides: Sides,
): Finding {
  const spread = (from: number, to: number) => {
    const part = values.slice(from, to);
    const middle = part.reduce((sum, value) => sum + value, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  };
  const freedom = Math.max(1, treated + controls - 2);
  const variance = (spread(0, treated) + spread(treated, values.length)) / freedom;
  const deviation = Math.max(grainOf(comparison.rule), Math.sqrt(variance * (1 / treated + 1 / controls)));
  const estimate = harmOf(comparison, difference);
  return {
    kind: 'found',
    ...studentBounds({ estimate, deviation, freedom }),
    pValue: permutationPValue(values, treated),
    by: { kind: 'ranks', treated, controls },
    method: `ranks of ${treated} devices among ${treated + controls}`,
    sides,
  };
}
