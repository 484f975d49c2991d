import type { DepthMap } from '../detection.ts';

/** The value at a place of the frame, between the centres of the cells around it; NaN where one of them has none. */
export function depthAt({ x, y, cellWidth, cellHeight, columns, rows, values }: DepthMap) {
  return (atX: number, atY: number): number => {
    const u = Math.min(columns - 1, Math.max(0, (atX - x) / cellWidth - 0.5));
    const v = Math.min(rows - 1, Math.max(0, (atY - y) / cellHeight - 0.5));
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const [du, dv] = [u - left, v - top];
    // A cell without a share must not make the value NaN.
    const [right, bottom] = [du > 0 ? left + 1 : left, dv > 0 ? top + 1 : top];
    const upper = values[top * columns + left]! * (1 - du) + values[top * columns + right]! * du;
    const lower = values[bottom * columns + left]! * (1 - du) + values[bottom * columns + right]! * du;
    return upper * (1 - dv) + lower * dv;
  };
}

/** The same in fewer cells, as many in a line as are asked for: the values at their middles. */
export function coarseDepth(depth: DepthMap, columns: number): Pick<DepthMap, 'columns' | 'rows' | 'values'> {
  const across = Math.min(columns, depth.columns);
  const [width, height] = [depth.columns * depth.cellWidth, depth.rows * depth.cellHeight];
  const rows = Math.min(depth.rows, Math.max(1, Math.round((across * height) / width)));
  const at = depthAt(depth);
  const values = Float32Array.from({ length: across * rows }, (_, i) =>
    at(
      depth.x + (((i % across) + 0.5) / across) * width,
      depth.y + ((Math.floor(i / across) + 0.5) / rows) * height,
    ),
  );
  return { columns: across, rows, values };
}

/** From far to near. */
const ramp = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;
/** Of the values, so many at each end have the colour of the end: one wild value does not make all others alike. */
const outer = 0.02;

/** A colour per cell, RGBA, the lighter the nearer; nothing where there is no value. */
export function depthColours({ gives, values }: DepthMap, opacity = 1): Uint8Array {
  const nearness = gives === 'metres' ? values.map((metres) => 1 / metres) : values;
  const sorted = nearness.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [least, most] = [at(outer), at(1 - outer)];
  const scale = most > least ? 1 / (most - least) : 0;
  const colours = new Uint8Array(4 * values.length);
  for (const [i, value] of nearness.entries()) {
    if (!Number.isFinite(value)) continue;
    const step = Math.min(1, Math.max(0, (value - least) * scale)) * (ramp.length - 1);
    const [from, to] = [ramp[Math.floor(step)]!, ramp[Math.ceil(step)]!];
    const part = step - Math.floor(step);
    for (const channel of [0, 1, 2] as const)
      colours[4 * i + channel] = Math.round(from[channel] * (1 - part) + to[channel] * part);
    colours[4 * i + 3] = Math.round(255 * opacity);
  }
  return colours;
}
