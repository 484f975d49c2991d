import { at } from './catalogue.ts';

/** Deviations below the usual number of detections from which a scene counts as nearly empty. */
const sparse = -1.5;
/** Signals that rest where nearly nothing is found. */
export const judgedInTraffic: ReadonlySet<number> = new Set([
  at.log_area,
  at.log_aspect,
  at.centre_x,
  at.centre_y,
]);

/**
 * Where nearly nothing is found, what is left is not a sample of the usual mix: signs and parked cars. Whether so little
 * is unusual is asked by `detections` itself. Takes the standardised signals of a second; those of the mix become NaN.
 */
export function restWhereSparse(standard: Float64Array): void {
  if (standard[at.detections]! < sparse) for (const place of judgedInTraffic) standard[place] = Number.NaN;
}
