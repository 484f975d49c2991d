/** The usual time between two points: of a device that reports every five minutes, five minutes; 0 of fewer than three. */
export function spacingOf(timeMs: readonly number[]): number {
  if (timeMs.length < 3) return 0;
  const spaces = timeMs
    .slice(1)
    .map((time, index) => time - timeMs[index]!)
    .sort((a, b) => a - b);
  return spaces[Math.floor((spaces.length - 1) / 2)]!;
}
