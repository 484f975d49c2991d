import type { CameraRules, PreviewFrame } from '../api/types.ts';
import { fontOf } from '../ui/draw-boxes.ts';
import { type PlacedRule, type Point, placeRules } from './rules.ts';

/** Below the boxes of a picture: zones and lines, white on black, which is seen on any picture. */
export function drawRules(
  context: CanvasRenderingContext2D,
  rules: CameraRules,
  counts: PreviewFrame['rules'],
  ratio: number,
): void {
  const { width, height } = context.canvas;
  for (const rule of placeRules(rules, counts, width, height)) drawRule(context, rule, ratio);
}

function drawRule(
  context: CanvasRenderingContext2D,
  { kind, points, text }: PlacedRule,
  ratio: number,
): void {
  const outline = new Path2D();
  for (const [index, [x, y]] of points.entries())
    if (index === 0) outline.moveTo(x, y);
    else outline.lineTo(x, y);
  if (kind === 'zone') outline.closePath();
  else addArrow(outline, points, 8 * ratio);
  if (kind === 'zone') {
    context.fillStyle = 'rgb(255 255 255 / 12%)';
    context.fill(outline);
  }
  context.lineWidth = 3.5 * ratio;
  context.strokeStyle = 'rgb(0 0 0 / 65%)';
  context.stroke(outline);
  context.lineWidth = 1.5 * ratio;
  context.strokeStyle = '#fff';
  context.stroke(outline);
  const size = Math.round(11.5 * ratio);
  context.font = fontOf(size);
  context.textBaseline = 'alphabetic';
  const top = points.reduce((a, b) => (b[1] < a[1] ? b : a), points[0] ?? [0, 0]);
  const x = Math.max(0, Math.min(context.canvas.width - context.measureText(text).width, top[0]));
  const y = Math.max(size, top[1] - 5 * ratio);
  context.lineWidth = 3 * ratio;
  context.strokeStyle = 'rgb(0 0 0 / 75%)';
  context.strokeText(text, x, y);
  context.fillStyle = '#fff';
  context.fillText(text, x, y);
}

/** From the middle of a line to its right hand, where `in` is. */
function addArrow(path: Path2D, points: readonly Point[], size: number): void {
  const [from, to] = points;
  if (from === undefined || to === undefined) return;
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const along = [((to[0] - from[0]) * size) / length, ((to[1] - from[1]) * size) / length] as const;
  const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as const;
  const tip = [middle[0] - 2 * along[1], middle[1] + 2 * along[0]] as const;
  path.moveTo(middle[0], middle[1]);
  path.lineTo(tip[0], tip[1]);
  for (const side of [1, -1]) {
    path.moveTo(tip[0], tip[1]);
    path.lineTo(tip[0] + along[1] + side * along[0], tip[1] - along[0] + side * along[1]);
  }
}
