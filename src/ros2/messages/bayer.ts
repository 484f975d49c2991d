interface Mosaic {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly step: number;
}

/**
 * rgb8 of a colour sensor's mosaic: what a place does not see is the mean of its nearest neighbours that do, rounded half up
 * (bilinear). Behind an edge lies what lies before it. `redX` and `redY` are the place of red in each square of four.
 */
export function convertBayer(
  { data, width, height, step }: Mosaic,
  redX: number,
  redY: number,
  out: Uint8Array,
): void {
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = y * step;
    const above = (y > 0 ? y - 1 : 1) * step;
    const below = (y < height - 1 ? y + 1 : height - 2) * step;
    const redRow = (y & 1) === redY;
    // The colour beside green in this row, and the other one.
    const own = redRow ? 0 : 2;
    for (let x = 0; x < width; x++, to += 3) {
      const left = x > 0 ? x - 1 : 1;
      const right = x < width - 1 ? x + 1 : width - 2;
      const here = data[row + x]!;
      const beside = data[row + left]! + data[row + right]!;
      const stacked = data[above + x]! + data[below + x]!;
      if (((x & 1) === redX) === redRow) {
        const corners =
          data[above + left]! + data[above + right]! + data[below + left]! + data[below + right]!;
        out[to + own] = here;
        out[to + 1] = (beside + stacked + 2) >> 2;
        out[to + 2 - own] = (corners + 2) >> 2;
      } else {
        out[to + own] = (beside + 1) >> 1;
        out[to + 1] = here;
        out[to + 2 - own] = (stacked + 1) >> 1;
      }
    }
  }
}
