/** To the digits that a profile keeps. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
