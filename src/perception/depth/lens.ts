/** A pinhole: focal lengths and optical centre in pixels, of a picture of this size. Pixel i has its middle at i. */
export interface Lens {
  readonly width: number;
  readonly height: number;
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/** The same lens of a picture that was scaled; undefined where it was cut or stretched, by more than a pixel's rounding. */
export function scaledLens(lens: Lens, width: number, height: number): Lens | undefined {
  const scale = width / lens.width;
  if (!(scale > 0) || Math.abs(lens.height * scale - height) > 1) return undefined;
  if (!(lens.fx > 0 && lens.fy > 0)) return undefined;
  const middle = (at: number) => (at + 0.5) * scale - 0.5;
  return {
    ...{ width, height },
    ...{ fx: lens.fx * scale, fy: lens.fy * scale, cx: middle(lens.cx), cy: middle(lens.cy) },
  };
}
