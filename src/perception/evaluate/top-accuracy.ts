/** What a classifier said of one picture. */
export interface ClassifiedPicture {
  readonly truth: number;
  /** Class numbers, the likeliest first. */
  readonly said: readonly number[];
}

export interface ClassTopAccuracy {
  readonly classId: number;
  readonly pictures: number;
  readonly top1: number;
}

export interface TopAccuracy {
  readonly pictures: number;
  /** Share of the pictures whose class is the likeliest one, and among the five likeliest; 0..1. */
  readonly top1: number;
  readonly top5: number;
  /** Mean of the classes' top-1: a class with few pictures counts as much as one with many. */
  readonly balanced: number;
  readonly perClass: readonly ClassTopAccuracy[];
}

/** ImageNet's measures of a classifier (Russakovsky et al., 2015). Without pictures all are 0. */
export function topAccuracy(pictures: readonly ClassifiedPicture[]): TopAccuracy {
  const byClass = new Map<number, { pictures: number; right: number }>();
  let first = 0;
  let five = 0;
  for (const { truth, said } of pictures) {
    const entry = byClass.get(truth) ?? { pictures: 0, right: 0 };
    byClass.set(truth, entry);
    entry.pictures += 1;
    if (said[0] === truth) {
      first += 1;
      entry.right += 1;
    }
    if (said.slice(0, 5).includes(truth)) five += 1;
  }
  const perClass = [...byClass]
    .sort(([a], [b]) => a - b)
    .map(([classId, entry]) => ({
      classId,
      pictures: entry.pictures,
      top1: entry.right / entry.pictures,
    }));
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  return {
    pictures: pictures.length,
    top1: share(first, pictures.length),
    top5: share(five, pictures.length),
    balanced: share(
      perClass.reduce((sum, { top1 }) => sum + top1, 0),
      perClass.length,
    ),
    perClass,
  };
}
