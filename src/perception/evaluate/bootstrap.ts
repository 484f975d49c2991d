import { averagePrecisions, classesOf, type EvaluatedImage, matchClass } from './evaluate.ts';

/**
 * mAP of so many sets of as many images, drawn from these with replacement (bootstrap, Efron 1979): how far the measured one
 * might lie from that of other images. The draws depend on how many images there are and on nothing else, so those of two
 * models belong together one by one, and the difference of two models varies less than each of them.
 */
export function resampledMaps(
  images: readonly EvaluatedImage[],
  draws: number,
  maxDetections = 100,
): number[] {
  const classes = classesOf(images).map((classId) => matchClass(images, classId, maxDetections));
  return drawTimes(images.length, draws).map((times) => {
    const aps = classes
      .map((found) => mean(averagePrecisions(found, times)))
      .filter((ap) => !Number.isNaN(ap));
    // Nothing was to be found in such a draw, by no model.
    return aps.length === 0 ? 0 : mean(aps);
  });
}

/** The mean of one number per image, in the same draws. */
export function resampledMeans(values: readonly number[], draws: number): number[] {
  return drawTimes(values.length, draws).map(
    (times) => times.reduce((sum, count, i) => sum + count * values[i]!, 0) / Math.max(1, values.length),
  );
}

const manyDraws = 1_000;
/** Of the draws. */
const certain = 0.99;
const clearGain = 1.03;

/** Whether the other numbers, one per image, are higher: by 3 % in sum, and on 99 of 100 draws of the images. */
export function isClearlyMore(other: readonly number[], own: readonly number[]): boolean {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  if (sum(other) <= sum(own) * clearGain) return false;
  const gains = resampledMeans(
    other.map((value, i) => value - own[i]!),
    manyDraws,
  );
  return gains.filter((gain) => gain > 0).length >= certain * manyDraws;
}

/** How often each of so many images is in each draw; the same in every run. */
export function drawTimes(images: number, draws: number): Uint16Array[] {
  const next = seededBelow(images);
  return Array.from({ length: draws }, () => {
    const times = new Uint16Array(images);
    for (let i = 0; i < images; i++) times[next()]!++;
    return times;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Whole numbers in [0, below), the same in every run (mulberry32). */
function seededBelow(below: number): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}
