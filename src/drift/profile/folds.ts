/** Parts of the reference that are left out in turn. */
export const folds = 5;

/**
 * The part of every minute of one time of day, the minutes in the order of time. A part is a stretch of time: a minute that is
 * judged by its own neighbour looks too usual. `timeOfDay` counts from 0; every other one has its parts backwards, so that the
 * minutes before and after a full hour are in one part too.
 */
export function foldsOf(minutes: number, timeOfDay: number): number[] {
  return Array.from({ length: minutes }, (_, index) => {
    const fold = Math.floor((index * folds) / minutes);
    return timeOfDay % 2 === 0 ? fold : folds - 1 - fold;
  });
}
