/** Index of the largest score, the first of equals; a NaN wins so that it is counted and not hidden. */
export function bestClass(data: Float32Array, start: number, step: number, classCount: number): number {
  let best = 0;
  let top = data[start]!;
  for (let c = 1, i = start + step; c < classCount; c++, i += step) {
    const value = data[i]!;
    if (!(value <= top)) {
      if (Number.isNaN(top)) break;
      best = c;
      top = value;
    }
  }
  return best;
}
