/** A rectangle in pixels of the canvas. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where the names of boxes go, so that none lies over another: above its box where there is room, else below it, else
 * within it. The last boxes are the strongest and choose first; a name without room is left out.
 */
export function placeNames(
  boxes: readonly Area[],
  names: readonly { readonly width: number; readonly height: number }[],
  canvas: { readonly width: number; readonly height: number },
): (Area | undefined)[] {
  const taken: Area[] = [];
  const placed: (Area | undefined)[] = boxes.map(() => undefined);
  for (let at = boxes.length - 1; at >= 0; at -= 1) {
    const box = boxes[at]!;
    const { width, height } = names[at]!;
    const left = Math.max(0, Math.min(box.x, canvas.width - width));
    const right = Math.max(0, Math.min(box.x + box.width - width, canvas.width - width));
    const spot = [
      [left, box.y - height],
      [right, box.y - height],
      [left, box.y + box.height],
      [right, box.y + box.height],
      [left, box.y],
      [right, box.y + box.height - height],
    ]
      .map(([x = 0, y = 0]): Area => ({ x, y, width, height }))
      .find(
        (area) =>
          area.y >= 0 && area.y + height <= canvas.height && !taken.some((other) => overlap(area, other)),
      );
    if (spot !== undefined) taken.push(spot);
    placed[at] = spot;
  }
  return placed;
}

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
