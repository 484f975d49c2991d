import { differenceOf, weighMembers } from './arms.ts';
import { type Contrast, contrastOf } from './contrast.ts';
import { type Baseline, sumsOf } from './expected.ts';
import { type Finding, harmOf, type Look, type Sides } from './finding.ts';
import { type Noise, noiseOf } from './noise.ts';
import { carriedOver, type Member, type PretendedChange, pretendChanges } from './pretended.ts';
import { leastPValue, permutationPValue } from './ranks.ts';
import { countBlocks, type Series } from './series.ts';
import { studentBounds, studentPValue } from './student.ts';
import type { Comparison } from './table.ts';
import { trendContrast } from './trend.ts';

export interface LevelOptions {
  readonly blockMinutes: number;
  readonly leastBlocks: number;
  /** What a p-value must be able to reach, for ranks to be worth anything. */
  readonly level: number;
}

/** So many pretended changes that do not overlap are needed before their spread says anything. */
const leastFreedom = 6;
const beforeMinutes = 120;
const mostAfterMinutes = 360;
const minutesPerDay = 1440;

/** A level or a trend, of series that have changed or are controls: treated against control, after against before. */
export function compareLevels(comparison: Comparison, all: readonly Series[], options: LevelOptions): Look {
  const series = all.filter(({ changed, value }) => changed < value.length);
  const sides = sidesOf(series);
  if (sides.treated.blocks < options.leastBlocks) return noBlocks(comparison, all, sides, options);
  const study = studyOf(comparison, series, options);
  if (study === undefined) return tooFewBlocks(sides);
  const { baseline, members, contrasts, pretended, carried, freedom } = study;
  const hasControl = sides.control.subjects > 0;
  const weights = weighMembers(members, pretended, carried);
  const now = differenceOf(members, contrasts, weights, carried);
  if (now === undefined) return tooFewBlocks(sides);
  const ranks = ranksOf(comparison, members, contrasts, carried);
  if (freedom < leastFreedom) {
    if (ranks !== undefined && leastPValue(ranks.treated, ranks.controls) <= options.level)
      return byRanks(comparison, ranks, now.difference, sides);
    return thin(
      sides,
      'There is too little history, and there are too few control devices for ranks.',
      hasControl,
    );
  }
  // One morning is no measure of the next minute.
  if (comparison.rule.rhythm && baseline === 'flat' && !hasControl)
    return thin(
      sides,
      `The ${comparison.rule.words} follow the time of day, and no whole day is known.`,
      false,
    );
  const differences = pretended.flatMap((one) => differenceOf(members, one, weights, carried) ?? []);
  return byHistory(comparison, now, noiseOf(differences, freedom), sides);
}

interface Study {
  readonly baseline: Baseline;
  readonly members: readonly Member[];
  readonly contrasts: readonly (Contrast | undefined)[];
  readonly pretended: readonly PretendedChange[];
  readonly carried: number;
  readonly freedom: number;
}

/** With the days before as the measure where they are known, else with what was just before. */
function studyOf(
  comparison: Comparison,
  series: readonly Series[],
  options: LevelOptions,
): Study | undefined {
  const days = comparison.rule.kind === 'trend' ? undefined : tryBaseline('day', comparison, series, options);
  if (days !== undefined && days.freedom >= leastFreedom) return days;
  return tryBaseline('flat', comparison, series, options) ?? days;
}

function tryBaseline(
  baseline: Baseline,
  { rule }: Comparison,
  series: readonly Series[],
  { blockMinutes }: LevelOptions,
): Study | undefined {
  const most = mostAfter(series, blockMinutes);
  const members = series.map((one): Member => {
    const { settle } = one;
    const after = Math.min(most, afterOf(one));
    const before = Math.max(1, Math.min(one.changed, Math.ceil(beforeMinutes / blockMinutes)));
    return {
      sums: sumsOf(one, baseline, Math.round(minutesPerDay / blockMinutes)),
      change: { at: one.changed, before, settle, after },
    };
  });
  const contrast = (member: Member) =>
    rule.kind === 'trend'
      ? trendContrast(member.sums.series, member.change, blockMinutes)
      : contrastOf(member.sums, member.change, rule.scale);
  const contrasts = members.map(contrast);
  if (!contrasts.some((one) => one !== undefined)) return undefined;
  const pretended = pretendChanges(members, contrast);
  const carried = rule.kind === 'trend' ? 0 : baseline === 'flat' ? 1 : carriedOver(pretended);
  return {
    baseline,
    members,
    contrasts,
    pretended,
    carried,
    freedom: Math.floor((pretended.length + 1) / 2),
  };
}

function afterOf({ value, changed, settle }: Series): number {
  return Math.max(1, value.length - changed - settle);
}

/**
 * Of devices of earlier waves the first hours count: with windows of days there would be too few pretended changes, and a
 * guard may look at what it has looked at, but not slide over it.
 */
function mostAfter(series: readonly Series[], blockMinutes: number): number {
  const treated = series.filter(({ subject }) => subject.arm === 'treated').map(afterOf);
  return Math.max(Math.ceil(mostAfterMinutes / blockMinutes), Math.min(...treated));
}

function byHistory(
  comparison: Comparison,
  { difference, scarcity }: { readonly difference: number; readonly scarcity: number },
  noise: Noise,
  sides: Sides,
): Finding {
  // What never stirs in all of its history, as a frame rate may, still has the grain of its numbers.
  const deviation = Math.max(noise.deviation(scarcity), 0.002);
  const estimate = harmOf(comparison, difference);
  const found = { estimate, deviation, freedom: Math.max(1, noise.freedom - 1) };
  return {
    kind: 'found',
    ...studentBounds(found),
    pValue: studentPValue(comparison, found, estimate),
    method: `${sides.control.subjects > 0 ? 'against control, ' : ''}after against before, ${noise.freedom} pretended changes`,
    sides,
  };
}

interface Ranks {
  readonly values: readonly number[];
  readonly treated: number;
  readonly controls: number;
}

/** One harm per device: cameras of one device share too much to count apart. */
function ranksOf(
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
function byRanks(
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
  const deviation = Math.max(0.002, Math.sqrt(variance * (1 / treated + 1 / controls)));
  const estimate = harmOf(comparison, difference);
  return {
    kind: 'found',
    ...studentBounds({ estimate, deviation, freedom }),
    pValue: permutationPValue(values, treated),
    method: `ranks of ${treated} devices among ${treated + controls}`,
    sides,
  };
}

export function sidesOf(series: readonly Series[]): Sides {
  const side = (arm: 'treated' | 'control') => {
    const counted = series
      .filter(({ subject }) => subject.arm === arm)
      .map((one) => countBlocks(one, one.changed, one.value.length))
      .filter((blocks) => blocks > 0);
    return { subjects: counted.length, blocks: counted.reduce((sum, blocks) => sum + blocks, 0) };
  };
  return { treated: side('treated'), control: side('control') };
}

function noBlocks({ rule }: Comparison, all: readonly Series[], sides: Sides, options: LevelOptions): Look {
  const sent = all.some(({ subject }) => subject.arm === 'treated');
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: sent
      ? `There are ${sides.treated.blocks} blocks of ${options.blockMinutes} min after the change, ${options.leastBlocks} are needed.`
      : `No ${rule.of} of the wave sends ${rule.words}.`,
    settle: sent
      ? `${(options.leastBlocks - sides.treated.blocks) * options.blockMinutes} more minutes of one ${rule.of}.`
      : 'Take the metric out of the gate, or let the devices send it.',
    sides,
  };
}

function tooFewBlocks(sides: Sides): Look {
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: 'More than half of the blocks are missing before or after the change.',
    settle: 'Blocks without a gap: look at the connection and the clocks of the devices.',
    sides,
  };
}

function thin(sides: Sides, why: string, hasControl: boolean): Look {
  return {
    kind: 'missing',
    outcome: 'thin',
    why,
    settle: hasControl
      ? 'Two days of history, or more control devices.'
      : 'Two days of history, or control devices.',
    sides,
  };
}
