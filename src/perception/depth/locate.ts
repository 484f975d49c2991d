import type { Box } from '../detection.ts';
import { type DepthPicture, depthReader } from './depth-picture.ts';
import type { Lens } from './lens.ts';

export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Metres in the camera's optical frame: x right, y down, z forward. */
export interface Located {
  readonly center: Vector;
  readonly size: Vector;
}

/** The share of each side around the middle: the rim of a box is background. */
const innerPart = 0.5;
/** Places looked at along each side: more of them cost time, and the median hardly moves. */
const places = 16;
/** Of the places that were looked at, so many have to be measured. */
const leastPart = 0.1;

/**
 * Where each box lies, by the median of the depths in its inner half; undefined where too little was measured there. Width and
 * height are those of the box at that depth, the depth of an object is how far the middle four fifths of what was measured
 * reach: a camera sees no back. Both cameras look from one place: the depth is aligned, or its camera stands beside the other.
 */
export function boxLocator(
  depth: DepthPicture,
  depthLens: Lens,
  lens: Lens,
): (box: Box) => Located | undefined {
  const at = depthReader(depth);
  const found = new Float64Array(places * places);
  const column = (x: number) => Math.round(((x - 0.5 - lens.cx) / lens.fx) * depthLens.fx + depthLens.cx);
  const row = (y: number) => Math.round(((y - 0.5 - lens.cy) / lens.fy) * depthLens.fy + depthLens.cy);
  return (box) => {
    let count = 0;
    for (let j = 0; j < places; j += 1) {
      const y = row(inner(box.y1, box.y2, j));
      for (let i = 0; i < places; i += 1) {
        const metres = at(column(inner(box.x1, box.x2, i)), y);
        if (Number.isNaN(metres)) continue;
        found[count] = metres;
        count += 1;
      }
    }
    if (count < leastPart * places * places) return undefined;
    const sorted = found.subarray(0, count).sort();
    const part = (share: number) => sorted[Math.min(count - 1, Math.floor(share * count))]!;
    const z = count % 2 === 1 ? part(0.5) : (sorted[count / 2 - 1]! + sorted[count / 2]!) / 2;
    return {
      center: {
        x: (((box.x1 + box.x2 - 1) / 2 - lens.cx) / lens.fx) * z,
        y: (((box.y1 + box.y2 - 1) / 2 - lens.cy) / lens.fy) * z,
        z,
      },
      size: {
        x: ((box.x2 - box.x1) / lens.fx) * z,
        y: ((box.y2 - box.y1) / lens.fy) * z,
        z: part(0.9) - part(0.1),
      },
    };
  };
}

/** The place in the middle of the n-th of equal parts of the inner part. */
function inner(from: number, to: number, n: number): number {
  const begin = from + ((1 - innerPart) / 2) * (to - from);
  return begin + ((n + 0.5) / places) * innerPart * (to - from);
}
