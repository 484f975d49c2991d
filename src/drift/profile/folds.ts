/** Parts of the reference that are left out in turn. */
export const folds = 5;

/**
 * The part of every minute of one time of day, the minutes in the order of time. A part is a stretch of time: a minute that is
 * judged by its own neighbour looks too usual.
 */
export function foldsOf(minutes: number): number[] {
  return Array.from({ length: minutes }, (_, index) => Math.floor((index * folds) / minutes));
}
