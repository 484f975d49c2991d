import { type GoldenDetection, goldenRules } from '../../model/index.ts';

/** Engines differ in rounding; a lost zero point or a swapped colour costs far more than this. */
export const goldenMargin = 0.05;
export const goldenFrames = 32;

/** Frames that show every class at least once if they can, then those with most detections. Indices, ascending. */
export function chooseGolden(frames: readonly (readonly GoldenDetection[])[], count: number): number[] {
  const rest = new Set(frames.keys());
  const chosen: number[] = [];
  const seen = new Set<string>();
  while (chosen.length < count && rest.size > 0) {
    let best = -1;
    let most = -1;
    for (const index of rest) {
      const strong = (frames[index] ?? []).filter(({ score }) => score >= goldenRules.strongScore);
      const fresh = new Set(strong.map(({ label }) => label).filter((label) => !seen.has(label)));
      const gain = fresh.size * 1000 + Math.min(strong.length, 999);
      if (gain > most) {
        most = gain;
        best = index;
      }
    }
    rest.delete(best);
    chosen.push(best);
    for (const { label } of frames[best] ?? []) seen.add(label);
  }
  return chosen.sort((a, b) => a - b);
}
