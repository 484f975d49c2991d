import {
  thumbnailHeight as height,
  thumbnailCells,
  thumbnailWidth as width,
} from '../../perception/index.ts';
import { gradientMatch, gradients } from './structure.ts';

interface Warp {
  readonly scale: number;
  /** Radians. */
  readonly angle: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

const degrees = Math.PI / 180;
const still = { scale: 1, angle: 0, flipX: false, flipY: false };
/** What a mount, a lens or a cable does to a view. A cell is 1.6 % of the width, so smaller ones need no search. */
const warps: readonly Warp[] = [
  ...[0.72, 0.8, 0.87, 0.93, 1.07, 1.15, 1.25, 1.4, 1.6].map((scale) => ({ ...still, scale })),
  ...[-20, -14, -9, -6, -3, 3, 6, 9, 14, 20].map((angle) => ({ ...still, angle: angle * degrees })),
  { ...still, flipX: true },
  { ...still, flipY: true },
  { ...still, flipX: true, flipY: true },
];
const aspect = (16 / 9) * (height / width);
const reach = 4;
const stride = 2;

const grey = new Float32Array(thumbnailCells);
const edges = new Float32Array(thumbnailCells * 2);

/**
 * One warp of the usual view against the live edges, at every shift within `reach`. `turn` counts the calls: all warps take
 * `warpCount` of them, since one takes some 0.1 ms and frames wait for this thread.
 */
export function matchWarped(live: Float32Array, reference: Uint8Array, turn: number): number {
  warp(reference, warps[turn % warps.length]!);
  gradients(grey, edges);
  let best = -1;
  for (let dy = -reach; dy <= reach; dy += stride)
    for (let dx = -reach; dx <= reach; dx += stride)
      best = Math.max(best, gradientMatch(edges, live, dx, dy, 2));
  return best;
}

export const warpCount: number = warps.length;

/** Cells that come from outside of the view are NaN, and their edges match nothing. */
function warp(reference: Uint8Array, { scale, angle, flipX, flipY }: Warp): void {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      // Cells are not square in the picture.
      const [u, v] = [(flipX ? cx - x : x - cx) * aspect, flipY ? cy - y : y - cy];
      const sx = (cos * u + sin * v) / aspect + cx;
      const sy = cos * v - sin * u + cy;
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
      if (x0 < 0 || y0 < 0 || x0 >= width - 1 || y0 >= height - 1) {
        grey[at] = Number.NaN;
        continue;
      }
      const [fx, fy] = [sx - x0, sy - y0];
      const from = y0 * width + x0;
      const upper = reference[from]! * (1 - fx) + reference[from + 1]! * fx;
      const lower = reference[from + width]! * (1 - fx) + reference[from + width + 1]! * fx;
      grey[at] = upper * (1 - fy) + lower * fy;
    }
}
