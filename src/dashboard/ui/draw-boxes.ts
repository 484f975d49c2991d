import type { PreviewFrame } from '../api/types.ts';
import type { Layer } from './layers.ts';
import { placeNames } from './place-names.ts';

/** A picture's size with what is seen in it: of a live view, or of a frame that was kept. */
export interface BoxedFrame extends Pick<PreviewFrame, 'width' | 'height'> {
  readonly detections: readonly Detection[];
}

type Detection = Pick<PreviewFrame['detections'][number], 'label' | 'score' | 'box'> &
  Partial<Pick<PreviewFrame['detections'][number], 'trackId' | 'attributes' | 'mask'>>;

/** Ten colours that stay apart from each other and from most pictures; a dark text is readable on each. */
const palette = [
  '#5ab4ff',
  '#ffb347',
  '#7ee081',
  '#ff8fa3',
  '#c9a0ff',
  '#ffe066',
  '#4fe0d0',
  '#ff9f6b',
  '#b6e35a',
  '#f5a3e0',
] as const;

/** Classes that most pictures show: no two of them share a colour. */
const usual: Readonly<Record<string, number>> = {
  ...{ car: 0, person: 1, pedestrian: 1, bicycle: 2, cyclist: 2, truck: 3, bus: 4, motorcycle: 5 },
  ...{ van: 6, forklift: 7, dog: 8, 'traffic light': 9 },
};

/**
 * The colour of a class: it follows from the name alone, so that it is the same on every page, device and screen. Two
 * rare classes can share one; the names on the boxes tell them apart.
 */
export function colorOf(label: string): string {
  let hash = 2166136261;
  for (const char of label) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return palette[usual[label.toLowerCase()] ?? (hash >>> 0) % palette.length] ?? palette[0];
}

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color: string;
  readonly text: string;
  /** Corners of each ring, in pixels of the canvas. */
  readonly outlines: readonly (readonly (readonly [x: number, y: number])[])[];
}

/** Boxes of a frame in the pixels of a canvas of `width` x `height`; weak ones first, so that strong ones lie on top. */
export function placeBoxes(frame: BoxedFrame, width: number, height: number): Placed[] {
  const scaleX = width / frame.width;
  const scaleY = height / frame.height;
  return [...frame.detections]
    .sort((a, b) => a.score - b.score)
    .map((detection) => {
      const [x1, y1, x2, y2] = detection.box;
      return {
        x: x1 * scaleX,
        y: y1 * scaleY,
        width: (x2 - x1) * scaleX,
        height: (y2 - y1) * scaleY,
        color: colorOf(detection.label),
        text: textOf(detection),
        outlines: (detection.mask ?? []).map((ring) =>
          Array.from({ length: ring.length / 2 }, (_, at): readonly [number, number] => [
            (ring[2 * at] ?? 0) * scaleX,
            (ring[2 * at + 1] ?? 0) * scaleY,
          ]),
        ),
      };
    });
}

function textOf(detection: Detection): string {
  const track = detection.trackId === undefined ? '' : ` #${detection.trackId}`;
  const said = (detection.attributes ?? []).map(({ label }) => ` · ${label}`).join('');
  return `${detection.label}${track} ${Math.round(detection.score * 100)}${said}`;
}

/** Draws on a canvas whose pixels are those of the screen; `ratio` is how many of them make one CSS pixel. */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  frame: BoxedFrame,
  ratio: number,
  shown: readonly Layer[],
): void {
  const { width, height } = context.canvas;
  const boxes = placeBoxes(frame, width, height);
  if (shown.includes('outlines')) for (const box of boxes) drawOutlines(context, box, ratio);
  if (shown.includes('boxes')) for (const box of boxes) drawBox(context, box, ratio);
  if (shown.includes('names')) drawNames(context, boxes, ratio);
}

function drawOutlines(context: CanvasRenderingContext2D, { outlines, color }: Placed, ratio: number): void {
  if (outlines.length === 0) return;
  const path = new Path2D();
  for (const ring of outlines) {
    for (const [at, [x, y]] of ring.entries())
      if (at === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    path.closePath();
  }
  context.fillStyle = `${color}59`;
  context.fill(path, 'evenodd');
  context.lineWidth = ratio;
  context.strokeStyle = color;
  context.stroke(path);
}

function drawBox(context: CanvasRenderingContext2D, box: Placed, ratio: number): void {
  const line = Math.max(1, Math.round(1.75 * ratio));
  // On whole pixels, or a line of two becomes a blur of three.
  const x = Math.round(box.x);
  const y = Math.round(box.y);
  context.lineWidth = line + 2;
  context.strokeStyle = 'rgb(0 0 0 / 45%)';
  context.strokeRect(x, y, Math.round(box.width), Math.round(box.height));
  context.lineWidth = line;
  context.strokeStyle = box.color;
  context.strokeRect(x, y, Math.round(box.width), Math.round(box.height));
}

function drawNames(context: CanvasRenderingContext2D, boxes: readonly Placed[], ratio: number): void {
  const { width, height } = context.canvas;
  const size = Math.round(11.5 * ratio);
  const pad = Math.round(3 * ratio);
  context.font = fontOf(size);
  context.textBaseline = 'middle';
  const tagHeight = size + 2 * pad;
  const names = boxes.map(({ text }) => ({
    width: Math.ceil(context.measureText(text).width) + 2 * pad,
    height: tagHeight,
  }));
  for (const [at, spot] of placeNames(boxes, names, { width, height }).entries()) {
    const box = boxes[at];
    if (spot === undefined || box === undefined) continue;
    const x = Math.round(spot.x);
    const y = Math.round(spot.y);
    context.fillStyle = box.color;
    context.fillRect(x, y, spot.width, spot.height);
    context.fillStyle = '#10151b';
    context.fillText(box.text, x + pad, y + tagHeight / 2 + ratio * 0.5);
  }
}

/** The page's own, on a canvas that may be in no page. */
export function fontOf(size: number): string {
  return `600 ${size}px ${getComputedStyle(document.body).fontFamily}`;
}
