const margin = 8;

/** From values to places on a line of `width`, with a margin; one where all values are the same is in the middle. */
export function chartScale(values: readonly number[], width: number): (value: number) => number {
  const finite = values.filter((value) => Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const span = high - low;
  const room = width - 2 * margin;
  return (value) => {
    const part = span === 0 ? 0.5 : (Math.min(high, Math.max(low, value)) - low) / span;
    return Math.round((margin + room * part) * 10) / 10;
  };
}
