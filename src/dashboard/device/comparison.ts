/** What a device's charts are compared with: the same time before, or another device. */
export interface Comparison {
  /** As it is in the address. */
  readonly key: string;
  readonly words: string;
  /** Absent: the same device. */
  readonly device?: string;
  /** How much earlier its values were, milliseconds. */
  readonly shiftMs: number;
}

/** No name of a device begins with a minus. */
export const timesBefore = [
  ['-1d', 'A day before', 86_400_000],
  ['-7d', 'A week before', 7 * 86_400_000],
] as const;

/** From the address: `compare=-1d`, `compare=cam-8`. */
export function readComparison(query: ReadonlyMap<string, string>): Comparison | undefined {
  const key = query.get('compare') ?? '';
  const before = timesBefore.find(([name]) => name === key);
  if (before !== undefined) return { key, words: before[1].toLowerCase(), shiftMs: before[2] };
  return key === '' || key.startsWith('-') ? undefined : { key, words: key, device: key, shiftMs: 0 };
}
