import type { Canvas } from './picture/canvas.ts';

export const streetLabels = ['car', 'truck', 'pedestrian', 'traffic_sign', 'traffic_light'] as const;
export type StreetLabel = (typeof streetLabels)[number];

/** One object that can be seen in the picture. */
export interface StreetTruth {
  /** Stable over the life of the object, unique within the street. */
  readonly id: number;
  readonly label: StreetLabel;
  /** Bounds of the pixels that can be seen, in pixels of the picture; x2 and y2 lie behind the last pixel. */
  readonly box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };
  /** Share of its pixels within the picture that nothing hides, 0..1. */
  readonly visibleFraction: number;
  readonly distanceM: number;
}

export interface Subject {
  readonly id: number;
  readonly label: StreetLabel;
  readonly distanceM: number;
}

/** An object counts when at least this share of it can be seen. */
const leastVisible = 0.3;
/** Its longer and shorter side over the height of the picture: 16 and 8 pixels of 360. */
const leastLong = 16 / 360;
const leastShort = 8 / 360;

/** Reads back from the owner plane what became of every object; subject i has number i + 1. */
export function measureTruth(canvas: Canvas, subjects: readonly Subject[]): StreetTruth[] {
  const { width, height, owner, painted } = canvas;
  const count = subjects.length + 1;
  const seen = new Uint32Array(count);
  const x1 = new Int32Array(count).fill(width);
  const y1 = new Int32Array(count).fill(height);
  const x2 = new Int32Array(count);
  const y2 = new Int32Array(count);
  const pairs = new Uint32Array(owner.buffer, owner.byteOffset, owner.length >> 1);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      // Most of the picture is scenery: two pixels in one look.
      if ((at & 1) === 0 && x + 1 < width && pairs[at >> 1] === 0) {
        x++;
        at++;
        continue;
      }
      const object = owner[at]!;
      if (object === 0) continue;
      seen[object]!++;
      if (x < x1[object]!) x1[object] = x;
      if (x >= x2[object]!) x2[object] = x + 1;
      if (y < y1[object]!) y1[object] = y;
      y2[object] = y + 1;
    }
  const truth: StreetTruth[] = [];
  for (const [index, subject] of subjects.entries()) {
    const object = index + 1;
    if (seen[object] === 0) continue;
    const w = x2[object]! - x1[object]!;
    const h = y2[object]! - y1[object]!;
    const visibleFraction = Math.min(1, seen[object]! / painted[object]!);
    if (visibleFraction < leastVisible) continue;
    if (Math.max(w, h) < leastLong * height || Math.min(w, h) < leastShort * height) continue;
    truth.push({
      ...subject,
      box: { x1: x1[object]!, y1: y1[object]!, x2: x2[object]!, y2: y2[object]! },
      visibleFraction,
    });
  }
  return truth;
}
