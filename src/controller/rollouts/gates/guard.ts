import type { Steps } from '../../../base/index.ts';
import { normalQuantile, normalTail } from '../../../base/index.ts';
import type { Look } from './finding.ts';
import type { GateEvidence } from './gate.ts';
import { sequencePValue, sequenceWidth } from './sequence.ts';
import type { Series } from './series.ts';
import { firstPart, newestPart } from './windows.ts';

/** The sequence is narrowest after so long. */
const narrowestMinutes = 240;
const firstMinutes = 360;
const hourMinutes = 60;
const dayMinutes = 1440;
/** What each has of the rate of false aborts. They are added up, so nothing is assumed of how they depend on each other. */
const parts = { first: 1 / 2, hours: 1 / 4, days: 1 / 4 } as const;

export interface GuardOptions {
  readonly blockMinutes: number;
  /** Of all blocks: since the epoch. */
  readonly endBlock: number;
  /** Of the first change, also of a device that is not compared any more: days are counted from it. */
  readonly firstBlock: number;
  /** As `guardShare` has it. */
  readonly share: number;
  /** Of a harm that is worth finding, how often it may pass. */
  readonly miss: number;
}

export interface Chance {
  readonly look: Look;
  readonly pValue: number;
  readonly passTail: number;
}

/**
 * What a guard sees that may look all the time, for as long as it takes.
 *
 * The first six hours are a confidence sequence. A mean of days strays in a way that a week of history cannot tell, and a
 * harm that comes on the third day is thin in it: after that every whole hour and every whole day is a test of its own, once.
 * Those of day d have 1 / (d + 1)(d + 2) of their part, which adds up to the whole over all days that will ever be.
 */
export function* guardChances(
  series: readonly Series[],
  options: GuardOptions,
  compare: (part: readonly Series[]) => Steps<Look>,
): Steps<Chance> {
  const { blockMinutes, share, miss } = options;
  const first = yield* compare(firstPart(series, Math.ceil(firstMinutes / blockMinutes)));
  const chances: Chance[] = [
    {
      look: first,
      pValue: first.kind === 'missing' ? 1 : sequenceOf(first.pValue, share) / parts.first,
      // The same boundary from the other side, as a tail of the normal.
      passTail: Math.max(1e-15, normalTail(sequenceWidth(share, (parts.first * miss) / 2))),
    },
  ];
  for (const { part, spent } of laterParts(series, options)) {
    const look = yield* compare(part);
    if (look.kind === 'missing') continue;
    chances.push({ look, pValue: look.pValue / spent, passTail: Math.max(1e-15, (spent * miss) / 2) });
  }
  const least = chances.reduce((best, one) => (one.pValue < best.pValue ? one : best));
  return { ...least, pValue: Math.min(1, least.pValue) };
}

function sequenceOf(pValue: number, share: number): number {
  return sequencePValue(normalQuantile(Math.max(1e-15, Math.min(1 - 1e-15, pValue))), share);
}

/** The newest hour and day that are over, and what they may spend. */
function laterParts(
  series: readonly Series[],
  { blockMinutes, endBlock, firstBlock }: GuardOptions,
): { readonly part: readonly Series[]; readonly spent: number }[] {
  const day = Math.round(dayMinutes / blockMinutes);
  const spans = [
    { minutes: hourMinutes, most: parts.hours / 24 },
    { minutes: dayMinutes, most: parts.days },
  ];
  return spans.flatMap(({ minutes, most }) => {
    const length = Math.max(1, Math.round(minutes / blockMinutes));
    const back = endBlock % length;
    const begin = endBlock - back - length;
    if (!(begin >= firstBlock + Math.ceil(firstMinutes / blockMinutes))) return [];
    const part = newestPart(series, length, back);
    if (!part.some(({ subject }) => subject.arm === 'treated')) return [];
    const days = Math.floor((begin - firstBlock) / day);
    return [{ part, spent: most / ((days + 1) * (days + 2)) }];
  });
}

/** Block since the epoch in which the first device changed. */
export function firstChange({ subjects, blockMinutes }: GateEvidence): number {
  const changes = subjects.flatMap(({ arm, changedMs, beforeMs = changedMs }) =>
    arm === 'treated' && changedMs !== undefined ? [Math.min(changedMs, beforeMs!)] : [],
  );
  return Math.floor(Math.min(...changes) / (blockMinutes * 60_000));
}

/** How much is known of the first hours, over that at which the sequence is narrowest. It only grows, also when other waves come. */
export function guardShare({ subjects, blockMinutes }: GateEvidence): number {
  const treated = subjects.flatMap(({ arm, blocks, changedMs }) =>
    arm === 'treated' && changedMs !== undefined ? [{ blocks, changedMs }] : [],
  );
  const first = Math.min(...treated.map(({ changedMs }) => changedMs));
  const together = treated.filter(({ changedMs }) => changedMs <= first + firstMinutes * 60_000).length;
  const most = firstMinutes / blockMinutes;
  const blocks = treated.reduce(
    (sum, one) => sum + Math.min(most, one.blocks.filter(({ startMs }) => startMs >= one.changedMs).length),
    0,
  );
  return Math.max(0.01, (blocks * blockMinutes) / Math.max(1, together) / narrowestMinutes);
}
