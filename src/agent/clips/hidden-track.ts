import type { Box } from '../../perception/index.ts';
import type { PictureMode } from '../privacy.ts';

/** What one result says of what may be seen of its picture. Boxes are parts of the picture, 0..1. */
export interface HiddenMoment {
  readonly stampNs: bigint;
  readonly mode: PictureMode;
  readonly boxes: readonly Box[];
}

/** Between two results that lie further apart nobody knows what is to be hidden. */
const mostGapNs = 500_000_000n;
/** What moves is hidden a little before it is there, and after. */
const aroundNs = 150_000_000n;

/** What has to be hidden on a camera's pictures of the last seconds. */
export class HiddenTrack {
  readonly #spanNs: bigint;
  #moments: HiddenMoment[] = [];

  constructor(seconds: number) {
    this.#spanNs = BigInt(Math.round(seconds * 1e9));
  }

  get lastNs(): bigint | undefined {
    return this.#moments.at(-1)?.stampNs;
  }

  add(moment: HiddenMoment): void {
    const { stampNs } = moment;
    // Our clock was set back: what was later then is not now.
    while (this.#moments.length > 0 && this.#moments.at(-1)!.stampNs >= stampNs) this.#moments.pop();
    this.#moments.push(moment);
    const oldestNs = stampNs - this.#spanNs;
    const first = this.#moments.findIndex((one) => one.stampNs >= oldestNs);
    if (first > 0) this.#moments.splice(0, first);
  }

  between(fromNs: bigint, untilNs: bigint): readonly HiddenMoment[] {
    const [from, until] = [fromNs - mostGapNs - aroundNs, untilNs + mostGapNs + aroundNs];
    return this.#moments.filter(({ stampNs }) => stampNs >= from && stampNs <= until);
  }
}

/** What is hidden on every picture from `fromNs` to `untilNs`; `all`: nobody looked at one of them, or just before and after. */
export function hiddenDuring(
  moments: readonly HiddenMoment[],
  fromNs: bigint,
  untilNs: bigint,
): readonly Box[] | 'all' {
  const before = moments.findLast(({ stampNs }) => stampNs <= fromNs);
  const after = moments.find(({ stampNs }) => stampNs >= untilNs);
  if (before === undefined || after === undefined) return 'all';
  const near = moments.filter(
    ({ stampNs }) => stampNs >= min(before.stampNs, fromNs - aroundNs) && stampNs <= max(after.stampNs, untilNs + aroundNs),
  );
  for (const [i, moment] of near.entries()) {
    const last = near[i - 1];
    const apart = last !== undefined && moment.stampNs - last.stampNs > mostGapNs;
    if (apart && moment.stampNs > fromNs && last.stampNs < untilNs) return 'all';
  }
  return near.flatMap(({ boxes }) => boxes);
}

// Math.min takes no bigint.
const min = (a: bigint, b: bigint) => (a < b ? a : b);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
