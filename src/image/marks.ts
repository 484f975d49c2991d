/*
 * Marks beyond the image, by which a card is caught that says it is larger than it is. Each mark holds its own place.
 *
 * A card that has R bytes and writes what lies beyond them to the beginning again: marks are as close as half of the longest
 * run of the image, so one of them lands inside of that run, and the image reads back wrong there, with the mark's text in
 * it; where it lands in the head of the disk, which is written last, the mark reads back wrong afterwards. A card that drops
 * what lies beyond: the mark reads back wrong.
 */
const markBytes = 4096;
const head = 'goshawk mark ';

/** Where marks go: from the end of the image to the end of the card. */
export function markPlaces(imageBytes: number, cardBytes: number, longestRun: number): readonly number[] {
  const step = Math.max(Math.floor(longestRun / 2 / markBytes) * markBytes, 2 ** 20);
  const last = Math.floor(cardBytes / markBytes) * markBytes - markBytes;
  const places: number[] = [];
  for (let at = Math.ceil(imageBytes / markBytes) * markBytes; at < last; at += step) places.push(at);
  return last >= imageBytes ? [...places, last] : places;
}

/** The text of a mark fills its block, so that any part of it can be recognized. */
export function markText(nonce: string, place: number): string {
  const one = `${head}${nonce} ${place}\n`;
  return one.repeat(Math.ceil(markBytes / one.length)).slice(0, markBytes);
}

/** The place of the first mark with this nonce in a text. */
export function markIn(text: string, nonce: string): number | undefined {
  const found = new RegExp(`${head}${nonce} (\\d+)\\n`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Start of a mark's block in a text, counted in characters. */
export function markOffset(text: string, nonce: string): number {
  return Math.floor(text.indexOf(`${head}${nonce} `) / markBytes) * markBytes;
}
