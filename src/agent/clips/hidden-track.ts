import type { Box } from '../../perception/index.ts';
import type { PictureMode } from '../privacy.ts';
import type { Stretch } from './stretch.ts';

/** What one result says of what may be seen of its picture. Boxes are parts of the picture, 0..1. */
export interface HiddenMoment {
  /** By the stream's clock. */
  readonly timeNs: bigint;
  readonly mode: PictureMode;
  readonly boxes: readonly Box[];
}

/** Between two results further apart than this, it is unknown what must be hidden. */
const mostGapNs = 500_000_000n;
/** What moves is hidden a little before it is there, and after. */
const aroundNs = 150_000_000n;
/** A camera gives no more frames while a result is awaited. */
const mostDecoded = 2_000;

interface Decoded {
  readonly stretch: Stretch;
  readonly timeNs: bigint;
}

/**
 * What has to be hidden on a camera's pictures of the last seconds. A result has the stamp of its frame, a packet the time of its
 * stream: what was found belongs to the very picture that it was found on.
 */
export class HiddenTrack {
  readonly #spanNs: bigint;
  /** Frames whose result is awaited, by their stamp. */
  readonly #decoded = new Map<bigint, Decoded>();
  #seen: { readonly stretch: Stretch; readonly stampNs: bigint; readonly moment: HiddenMoment }[] = [];

  constructor(seconds: number) {
    this.#spanNs = BigInt(Math.round(seconds * 1e9));
  }

  /** Of the newest picture that was looked at, by our clock. */
  get lastNs(): bigint | undefined {
    return this.#seen.at(-1)?.stampNs;
  }

  decoded(stampNs: bigint, frame: Decoded): void {
    this.#decoded.set(stampNs, frame);
    const [oldest] = this.#decoded.keys();
    if (this.#decoded.size > mostDecoded && oldest !== undefined) this.#decoded.delete(oldest);
  }

  add({ stampNs, mode, boxes }: Omit<HiddenMoment, 'timeNs'> & { readonly stampNs: bigint }): void {
    const frame = this.#decoded.get(stampNs);
    if (frame === undefined) return;
    this.#seen.push({ stretch: frame.stretch, stampNs, moment: { timeNs: frame.timeNs, mode, boxes } });
    const oldestNs = stampNs - this.#spanNs;
    const first = this.#seen.findIndex((one) => one.stampNs >= oldestNs);
    if (first > 0) this.#seen.splice(0, first);
  }

  /** What has to do with a part of a stretch, in the order of time. */
  during(stretch: Stretch, firstNs: bigint, lastNs: bigint): readonly HiddenMoment[] {
    const [from, until] = [firstNs - mostGapNs - aroundNs, lastNs + mostGapNs + aroundNs];
    return this.#seen
      .filter((one) => one.stretch === stretch && one.moment.timeNs >= from && one.moment.timeNs <= until)
      .map(({ moment }) => moment)
      .sort((a, b) => Number(a.timeNs - b.timeNs));
  }
}

/** What is hidden on every picture from `fromNs` to `untilNs`; `all`: nobody looked at one of them, or just before and after. */
export function hiddenDuring(
  moments: readonly HiddenMoment[],
  fromNs: bigint,
  untilNs: bigint,
): readonly Box[] | 'all' {
  const before = moments.findLast(({ timeNs }) => timeNs <= fromNs);
  const after = moments.find(({ timeNs }) => timeNs >= untilNs);
  if (before === undefined || after === undefined) return 'all';
  const near = moments.filter(
    ({ timeNs }) =>
      timeNs >= min(before.timeNs, fromNs - aroundNs) && timeNs <= max(after.timeNs, untilNs + aroundNs),
  );
  for (const [i, moment] of near.entries()) {
    const last = near[i - 1];
    const apart = last !== undefined && moment.timeNs - last.timeNs > mostGapNs;
    if (apart && moment.timeNs > fromNs && last.timeNs < untilNs) return 'all';
  }
  return near.flatMap(({ boxes }) => boxes);
}

// Math.min takes no bigint.
const min = (a: bigint, b: bigint) => (a < b ? a : b);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
