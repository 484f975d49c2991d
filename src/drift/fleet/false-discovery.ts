/**
 * False discoveries over a whole fleet.
 *
 * One camera with a false alarm in 30 days is bearable; a thousand of them give 33 a day, and people stop looking. So
 * over the cameras of a window the share of false ones among the alarms that are believed is held at `rate`.
 *
 * Why Benjamini and Hochberg per window, and not an online rule such as LORD (Javanmard and Montanari 2018) or
 * SAFFRON: those give each hypothesis one look, in order, at a level that shrinks with every hypothesis that is not
 * rejected. A fleet that is well is a stream of true null hypotheses, thousands a day, so the level would be near zero
 * by the time of the first fault. Here the family of a window is known (every camera that is judged), an alarm may be
 * looked at again as its evidence grows, and BH keeps a level of at least rate / cameras for ever.
 *
 * What BH asks for: p-values that are valid, and cameras that are independent or positively dependent (PRDS: Benjamini
 * and Yekutieli 2001). Weather, light and a common model move cameras the same way, which is positive.
 */

/**
 * Benjamini and Hochberg (1995): which of the `family` hypotheses fall. Only the small p-values need be given; the rest
 * of the family counts as 1. `rate`: wanted share of false ones among the alarms that are believed, on average over windows.
 * Returns indexes into `pValues`, the surest first.
 */
export function falseDiscoveries(
  pValues: readonly number[],
  family: number,
  { rate }: { readonly rate: number },
): number[] {
  const count = Math.max(family, pValues.length);
  // Numbers sort ten times as fast as their indexes, and the indexes of few are asked for.
  const sorted = Float64Array.from(pValues).sort();
  let cutoff = Number.NEGATIVE_INFINITY;
  for (let rank = 0; rank < sorted.length; rank++)
    if (sorted[rank]! <= ((rank + 1) * rate) / count) cutoff = sorted[rank]!;
  const believed: number[] = [];
  for (let index = 0; index < pValues.length; index++) if (pValues[index]! <= cutoff) believed.push(index);
  return believed.sort((a, b) => pValues[a]! - pValues[b]!);
}

/**
 * Probability that a healthy camera shows evidence as strong as this at least once in a window: the mean time between
 * such excursions is exp(`logRunLengthS`) for one channel, `channels` of them are watched (union bound), and excursions
 * of a CUSUM above a high level come about like a Poisson process (Aldous 1989; the same model sets the thresholds on
 * the device, `control/run-length.ts`). It is as valid as the device's run lengths are: where a reference of an hour
 * promised too much (docs/evidence/drift.md shows by how much), it does so too.
 */
export function alarmPValue(logRunLengthS: number, windowMs: number, channels: number): number {
  const expected = channels * (windowMs / 1000) * Math.exp(-logRunLengthS);
  return -Math.expm1(-expected);
}
