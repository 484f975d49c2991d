import { depthAt } from '../depth/depth-map.ts';
import type { DepthMap } from '../detection.ts';

export interface DepthError {
  /** Mean of |said - true| / true, over the places of a picture and then over pictures. */
  readonly absRel: number;
  /** Share of the places where said / true and true / said are below 1.25, in the same way. */
  readonly delta1: number;
  readonly pictures: number;
}

/** Metres that are judged, and to which what is said is bounded: KITTI's by Eigen et al. (2014). */
const [nearest, farthest] = [1e-3, 80];

/**
 * The error of depth maps, picture by picture. Disparity has no unit: it is scaled and shifted first so that it fits 1 / metres of this
 * picture best by least squares, as MiDaS is evaluated (Ranftl et al., 2020). Metres are taken at their word.
 */
export class DepthErrorCounter {
  #absRel = 0;
  #delta1 = 0;
  #pictures = 0;

  /** `truth`: metres of each pixel, line by line; 0 or NaN where nothing was measured. A picture without any is left out. */
  add(truth: Float32Array, width: number, depth: DepthMap): void {
    const at = depthAt(depth);
    const said: number[] = [];
    const real: number[] = [];
    for (const [i, metres] of truth.entries()) {
      if (!(metres >= nearest && metres <= farthest)) continue;
      const value = at((i % width) + 0.5, Math.floor(i / width) + 0.5);
      // No value is as wrong as the nearest one.
      said.push(Number.isNaN(value) ? 0 : value);
      real.push(metres);
    }
    if (real.length === 0) return;
    const metresOf = depth.gives === 'metres' ? (value: number) => value : aligned(said, real);
    let [sum, near] = [0, 0];
    for (const [i, metres] of real.entries()) {
      const guess = Math.min(farthest, Math.max(nearest, metresOf(said[i]!)));
      sum += Math.abs(guess - metres) / metres;
      if (Math.max(guess / metres, metres / guess) < 1.25) near += 1;
    }
    this.#absRel += sum / real.length;
    this.#delta1 += near / real.length;
    this.#pictures += 1;
  }

  get result(): DepthError {
    const pictures = this.#pictures;
    const mean = (sum: number) => (pictures === 0 ? 0 : sum / pictures);
    return { absRel: mean(this.#absRel), delta1: mean(this.#delta1), pictures };
  }
}

/** From a disparity to metres. */
function aligned(said: readonly number[], real: readonly number[]): (value: number) => number {
  const count = said.length;
  const meanSaid = said.reduce((sum, value) => sum + value, 0) / count;
  const meanReal = real.reduce((sum, metres) => sum + 1 / metres, 0) / count;
  let [both, own] = [0, 0];
  for (const [i, value] of said.entries()) {
    both += (value - meanSaid) * (1 / real[i]! - meanReal);
    own += (value - meanSaid) ** 2;
  }
  const scale = own === 0 ? 0 : both / own;
  return (value) => 1 / Math.max(1 / farthest, (value - meanSaid) * scale + meanReal);
}
