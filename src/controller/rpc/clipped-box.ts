/** Corners to x, y, width, height inside the picture; undefined for a box that has no part in it. */
export function clip(
  [x1, y1, x2, y2]: readonly number[],
  width: number,
  height: number,
): [number, number, number, number] | undefined {
  const inside = (value: number | undefined, limit: number) =>
    Math.min(limit, Math.max(0, value ?? Number.NaN));
  const left = inside(x1, width);
  const top = inside(y1, height);
  const right = inside(x2, width);
  const bottom = inside(y2, height);
  const [across, down] = [round(right - left), round(bottom - top)];
  // Also what is smaller than a hundredth of a pixel.
  return across > 0 && down > 0 ? [round(left), round(top), across, down] : undefined;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
