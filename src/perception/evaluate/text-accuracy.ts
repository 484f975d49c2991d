/** The text of a picture, and the text that was read; '': none. */
export interface ReadPicture {
  readonly truth: string;
  readonly said: string;
}

export interface TextAccuracy {
  readonly pictures: number;
  /** Share of the pictures that were read without a mistake; 0..1. */
  readonly wordAccuracy: number;
  /** Character error rate: insertions, deletions and substitutions over the characters of the truth; may be above 1. */
  readonly cer: number;
}

/** The measures of text recognition (Morris et al., 2004, for characters). A character is a code point. */
export function textAccuracy(pictures: readonly ReadPicture[]): TextAccuracy {
  let [right, mistakes, characters] = [0, 0, 0];
  for (const { truth, said } of pictures) {
    const [wanted, found] = [Array.from(truth), Array.from(said)];
    if (truth === said) right += 1;
    mistakes += editDistance(wanted, found);
    characters += wanted.length;
  }
  return {
    pictures: pictures.length,
    wordAccuracy: pictures.length === 0 ? 0 : right / pictures.length,
    cer: characters === 0 ? 0 : mistakes / characters,
  };
}

/** Levenshtein's. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, one] of a.entries()) {
    const now = [i + 1];
    for (const [j, other] of b.entries())
      now.push(Math.min(before[j + 1]! + 1, now[j]! + 1, before[j]! + (one === other ? 0 : 1)));
    before = now;
  }
  return before[b.length]!;
}
