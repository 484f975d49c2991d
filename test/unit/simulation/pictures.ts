/** Plain measures of rgb8 pictures for the tests of the street. */
export function mean(pixels: Uint8Array): number {
  let sum = 0;
  for (const value of pixels) sum += value;
  return sum / pixels.length;
}

export function deviation(pixels: Uint8Array): number {
  const middle = mean(pixels);
  let sum = 0;
  for (const value of pixels) sum += (value - middle) ** 2;
  return Math.sqrt(sum / pixels.length);
}

/** Variance of the Laplacian of the green channel: the usual measure of sharpness. */
export function sharpness(pixels: Uint8Array, width: number, height: number): number {
  const at = (x: number, y: number): number => pixels[(y * width + x) * 3 + 1]!;
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
      sum += value;
      squares += value * value;
      count++;
    }
  return squares / count - (sum / count) ** 2;
}

/** Mean absolute difference per byte. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
