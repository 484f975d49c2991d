import type { Look, Sides } from './finding.ts';
import { countBlocks, type Series } from './series.ts';
import type { Comparison } from './table.ts';

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

export function noBlocks(
  { rule }: Comparison,
  all: readonly Series[],
  sides: Sides,
  options: { readonly leastBlocks: number; readonly blockMinutes: number },
): Look {
  const sent = all.some(({ subject }) => subject.arm === 'treated');
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: sent
      ? `There are ${sides.treated.blocks} blocks of ${options.blockMinutes} min after the change, ${options.leastBlocks} are needed.`
      : `No ${rule.of} of the wave sends ${rule.words}.`,
    settle: sent
      ? `${(options.leastBlocks - sides.treated.blocks) * options.blockMinutes} more minutes of one ${rule.of}.`
      : 'Remove the metric from the gate, or let the devices send it.',
    sides,
  };
}

export function tooFewBlocks(sides: Sides): Look {
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: 'More than half of the blocks are missing before or after the change.',
    settle: 'Blocks without a gap: look at the connection and the clocks of the devices.',
    sides,
  };
}

export function thin(sides: Sides, why: string, hasControl: boolean): Look {
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

/** Its change is older than what the store keeps in blocks. */
export function beforeGone(sides: Sides): Look {
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: 'The change is so long ago that what was measured before it is not kept any more.',
    settle: 'No data of this change: compare a newer one, or set retention.minuteDays higher.',
    sides,
  };
}
