import type { Steps } from '../../../base/index.ts';
import type { Change, Contrast } from './contrast.ts';
import type { Sums } from './expected.ts';

/** A subject with the change that it really had. */
export interface Member {
  readonly sums: Sums;
  readonly change: Change;
}

/** The contrasts of all members, as if all had changed so many blocks earlier. */
export type PretendedChange = readonly (Contrast | undefined)[];

/** Share of the members of an arm that must have a contrast. */
const quorum = 0.5;

/**
 * What the same comparison gives where nothing was changed: every member's change is moved back by the same number of
 * blocks, as often as its history allows. Traffic, weather and what they have in common are in it as they were.
 */
export function* pretendChanges(
  members: readonly Member[],
  contrastOf: (member: Member) => Contrast | undefined,
): Steps<PretendedChange[]> {
  const longest = Math.max(0, ...members.map(({ change }) => change.settle + change.after));
  const step = Math.max(1, Math.floor(longest / 2));
  const farthest = Math.max(0, ...members.map(({ sums }) => sums.series.usual));
  const found: PretendedChange[] = [];
  for (let back = longest; back <= farthest; back += step) {
    const contrasts = members.map(({ sums, change }) =>
      contrastOf({ sums, change: { ...change, at: sums.series.usual - back } }),
    );
    if (enough(members, contrasts)) found.push(contrasts);
    yield;
  }
  return found;
}

function enough(members: readonly Member[], contrasts: PretendedChange): boolean {
  const all = { treated: 0, control: 0 };
  const there = { treated: 0, control: 0 };
  for (const [index, { sums }] of members.entries()) {
    const { arm } = sums.series.subject;
    all[arm]++;
    if (contrasts[index] !== undefined) there[arm]++;
  }
  const holds = (arm: 'treated' | 'control') =>
    all[arm] === 0 || there[arm] >= Math.max(1, quorum * all[arm]);
  return holds('treated') && holds('control');
}

/** Of how much more than usual there was before, how much goes on after: least squares over what was pretended, 0..1. */
export function carriedOver(pretended: readonly PretendedChange[]): number {
  let both = 0;
  let before = 0;
  for (const contrasts of pretended)
    for (const contrast of contrasts) {
      if (contrast === undefined) continue;
      both += contrast.after * contrast.before;
      before += contrast.before * contrast.before;
    }
  return before > 0 ? Math.min(1, Math.max(0, both / before)) : 0;
}
