import { studentQuantile } from '../../../base/index.ts';

/** What two models found on the frames of one block that both saw. */
export interface ShadowBlock {
  readonly startMs: number;
  readonly frames: number;
  /** Frames on which one found what the other did not, or called it otherwise. */
  readonly disagreements: number;
  readonly serveBoxes: number;
  readonly shadowBoxes: number;
  /** Boxes that both found, under one label. */
  readonly agreedBoxes: number;
  /** Boxes that both found, under two labels. */
  readonly classFlips: number;
}

/** A share with the interval in which it lies nineteen times in twenty; none where there are too few spans of time. */
export interface Share {
  readonly value: number;
  readonly interval?: readonly [low: number, high: number];
}

export interface ShadowAgreement {
  readonly frames: number;
  readonly serveBoxes: number;
  readonly shadowBoxes: number;
  /** Of the frames. */
  readonly disagreement: Share;
  /** Of the serving model's boxes that the shadow has too, and the other way round. */
  readonly recall: Share;
  readonly precision: Share;
  /** Of the boxes that both found. */
  readonly classFlips: Share;
  /** Boxes of the shadow for one of the serving model. */
  readonly boxes: Share;
}

export interface ShadowReport {
  readonly total: ShadowAgreement | undefined;
  readonly cameras: readonly {
    readonly device: string;
    readonly camera: string;
    readonly agreement: ShadowAgreement;
  }[];
}

export interface ShadowedCamera {
  readonly device: string;
  readonly camera: string;
  readonly blocks: readonly ShadowBlock[];
}

/** How far a shadow agrees with what serves. What serves is not the truth: this is agreement and no accuracy. */
export function reportShadow(found: readonly ShadowedCamera[]): ShadowReport {
  const cameras = found.flatMap(({ device, camera, blocks }) => {
    const agreement = agreementOf([blocks]);
    return agreement === undefined ? [] : [{ device, camera, agreement }];
  });
  return { total: agreementOf(found.map(({ blocks }) => blocks)), cameras };
}

/** Each camera is cut into so many spans: blocks that follow each other depend on each other. */
const spans = 8;
const leastSpans = 4;
type Sums = Omit<ShadowBlock, 'startMs'>;

function agreementOf(cameras: readonly (readonly ShadowBlock[])[]): ShadowAgreement | undefined {
  const parts = cameras.flatMap((blocks) =>
    Array.from({ length: spans }, (_, index) =>
      add(blocks.slice(cut(index, blocks.length), cut(index + 1, blocks.length))),
    ).filter(({ frames }) => frames > 0),
  );
  const all = add(parts);
  if (all.frames === 0) return undefined;
  const share = (part: (sums: Sums) => number, whole: (sums: Sums) => number, most: number) =>
    ratioOf(parts, part, whole, most);
  const pairs = ({ agreedBoxes, classFlips }: Sums) => agreedBoxes + classFlips;
  const { frames, serveBoxes, shadowBoxes } = all;
  return {
    ...{ frames, serveBoxes, shadowBoxes },
    disagreement: share(
      ({ disagreements }) => disagreements,
      (sums) => sums.frames,
      1,
    ),
    recall: share(
      ({ agreedBoxes }) => agreedBoxes,
      (sums) => sums.serveBoxes,
      1,
    ),
    precision: share(
      ({ agreedBoxes }) => agreedBoxes,
      (sums) => sums.shadowBoxes,
      1,
    ),
    classFlips: share(({ classFlips }) => classFlips, pairs, 1),
    boxes: share(
      (sums) => sums.shadowBoxes,
      (sums) => sums.serveBoxes,
      Number.POSITIVE_INFINITY,
    ),
  };
}

/** A ratio of sums, its interval by the jackknife over the spans. */
function ratioOf(
  parts: readonly Sums[],
  part: (sums: Sums) => number,
  whole: (sums: Sums) => number,
  most: number,
): Share {
  const [above, below] = [
    parts.reduce((sum, one) => sum + part(one), 0),
    parts.reduce((sum, one) => sum + whole(one), 0),
  ];
  if (below === 0) return { value: 0 };
  const value = above / below;
  const left = parts.flatMap((one) =>
    below - whole(one) > 0 ? [(above - part(one)) / (below - whole(one))] : [],
  );
  if (left.length < leastSpans) return { value };
  const middle = left.reduce((sum, one) => sum + one, 0) / left.length;
  const variance =
    ((left.length - 1) / left.length) * left.reduce((sum, one) => sum + (one - middle) ** 2, 0);
  const reach = studentQuantile(0.025, left.length - 1) * Math.sqrt(variance);
  return { value, interval: [Math.max(0, value - reach), Math.min(most, value + reach)] };
}

function add(blocks: readonly Sums[]): Sums {
  const sum = (of: (one: Sums) => number) => blocks.reduce((total, one) => total + of(one), 0);
  return {
    frames: sum(({ frames }) => frames),
    disagreements: sum(({ disagreements }) => disagreements),
    serveBoxes: sum(({ serveBoxes }) => serveBoxes),
    shadowBoxes: sum(({ shadowBoxes }) => shadowBoxes),
    agreedBoxes: sum(({ agreedBoxes }) => agreedBoxes),
    classFlips: sum(({ classFlips }) => classFlips),
  };
}

function cut(index: number, length: number): number {
  return Math.floor((index * length) / spans);
}
