import type { JSX } from 'preact';

/**
 * The `d` of a line through `values` in a box of `width` x `height`, scaled from 0 to the largest value, so that a
 * flat line near the bottom means low. A missing value is a gap. Empty when fewer than two values are known.
 */
function sparklinePath(values: readonly (number | null)[], width: number, height: number, top = 0): string {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length < 2) return '';
  const highest = Math.max(top, ...known) * 1.2 || 1;
  const step = width / (values.length - 1);
  let path = '';
  let pen = 'M';
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    const y = height - 1 - (value / highest) * (height - 2);
    path += `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

/** A small line without axes. Decoration: the number beside it is the text. */
export function Sparkline(props: {
  values: readonly (number | null)[];
  top?: number;
  stale?: boolean;
}): JSX.Element {
  const width = 88;
  const height = 22;
  return (
    <svg
      class={`sparkline${props.stale ? ' stale' : ''}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path d={sparklinePath(props.values, width, height, props.top)} />
    </svg>
  );
}
