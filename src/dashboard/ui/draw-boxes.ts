import type { PreviewFrame } from '../api/types.ts';
import { placeNames } from './place-names.ts';

/** A picture's size with what is seen in it: of a live view, or of a frame that was kept. */
export interface BoxedFrame extends Pick<PreviewFrame, 'width' | 'height'> {
  readonly detections: readonly Detection[];
}

type Detection = Pick<PreviewFrame['detections'][number], 'label' | 'score' | 'box'> &
  Partial<Pick<PreviewFrame['detections'][number], 'trackId' | 'attributes'>>;

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

const given = new Map<string, number>();

/**
 * The colour of a class: chosen by its name, so that it is the same on every device, and the next free one where two
 * classes of this page would share it (as long as there are no more classes than colours).
 */
export function colorOf(label: string): string {
  let place = given.get(label);
  if (place === undefined) {
    let hash = 2166136261;
    for (const char of label) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
    place = (hash >>> 0) % palette.length;
    const taken = new Set(given.values());
    for (let tried = 0; tried < palette.length && taken.has(place); tried += 1)
      place = (place + 1) % palette.length;
    given.set(label, place);
  }
  return palette[place] ?? palette[0];
}

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color: string;
  readonly text: string;
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
      };
    });
}

function textOf(detection: Detection): string {
  const track = detection.trackId === undefined ? '' : ` #${detection.trackId}`;
  const said = (detection.attributes ?? []).map(({ label }) => ` · ${label}`).join('');
  return `${detection.label}${track} ${Math.round(detection.score * 100)}${said}`;
}

/**
 * Draws on a canvas whose pixels are those of the screen; `ratio` is how many of them make one CSS pixel. A small picture
 * has no room for names.
 */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  frame: BoxedFrame,
  ratio: number,
  named = true,
): void {
  const { width, height } = context.canvas;
  const line = Math.max(1, Math.round(1.75 * ratio));
  const size = Math.round(11.5 * ratio);
  const pad = Math.round(3 * ratio);
  context.font = `600 ${size}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = 'middle';
  const boxes = placeBoxes(frame, width, height);
  const tagHeight = size + 2 * pad;
  const names = boxes.map(({ text }) => ({
    width: Math.ceil(context.measureText(text).width) + 2 * pad,
    height: tagHeight,
  }));
  for (const box of boxes) {
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
  if (!named) return;
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
