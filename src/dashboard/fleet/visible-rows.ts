export interface RowWindow {
  readonly first: number;
  /** One after the last. */
  readonly end: number;
}

/**
 * Which of `rows` rows of equal height need to exist. `top` is where the list begins, seen from the top of the window
 * (negative when scrolled past); `overscan` rows more on each side keep fast scrolling and tabbing smooth.
 */
export function visibleRows(
  rows: number,
  rowHeight: number,
  top: number,
  windowHeight: number,
  overscan: number,
): RowWindow {
  const clamp = (value: number): number => Math.min(rows, Math.max(0, value));
  const first = clamp(Math.floor(-top / rowHeight) - overscan);
  const end = clamp(Math.ceil((windowHeight - top) / rowHeight) + overscan);
  return { first, end: Math.max(first, end) };
}
