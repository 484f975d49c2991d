import { type Brush, createBrush, type Light } from '../picture/brush.ts';
import type { Camera } from '../picture/camera.ts';
import { type Canvas, createCanvas } from '../picture/canvas.ts';

/** A still thing painted once: colour times opacity, and opacity, over a rectangle of the picture. */
export interface Sprite {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** r, g, b (already times opacity) and opacity, 0..255 each. */
  readonly rgba: Uint8Array;
}

/** Paints things on black and on white: the difference tells how much of the ground shines through. */
export function createSpriteMaker(
  width: number,
  height: number,
): (camera: Camera, light: Light, paint: (brush: Brush) => void) => Sprite {
  const black = createCanvas(width, height);
  const white = createCanvas(width, height);
  return (camera, light, paint) => {
    black.rgb.fill(0);
    white.rgb.fill(255);
    paint(createBrush(black, camera, light));
    paint(createBrush(white, camera, light));
    let [x1, y1, x2, y2] = [width, height, 0, 0];
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at += 3) {
        if (black.rgb[at + 1] === 0 && white.rgb[at + 1] === 255) continue;
        if (x < x1) x1 = x;
        if (x >= x2) x2 = x + 1;
        if (y < y1) y1 = y;
        y2 = y + 1;
      }
    if (x2 <= x1) return { x: 0, y: 0, width: 0, height: 0, rgba: new Uint8Array(0) };
    const rgba = new Uint8Array((x2 - x1) * (y2 - y1) * 4);
    for (let y = y1, to = 0; y < y2; y++)
      for (let x = x1; x < x2; x++, to += 4) {
        const at = (y * width + x) * 3;
        for (let k = 0; k < 3; k++) rgba[to + k] = black.rgb[at + k]!;
        rgba[to + 3] = 255 - (white.rgb[at + 1]! - black.rgb[at + 1]!);
      }
    return { x: x1, y: y1, width: x2 - x1, height: y2 - y1, rgba };
  };
}

/** Lays the sprite over the canvas; where it is opaque nothing behind it can be seen any more. */
export function blitSprite(canvas: Canvas, sprite: Sprite): void {
  const { rgb, owner } = canvas;
  const { rgba } = sprite;
  for (let y = 0, from = 0; y < sprite.height; y++) {
    let pixel = (sprite.y + y) * canvas.width + sprite.x;
    for (let x = 0; x < sprite.width; x++, from += 4, pixel++) {
      const opacity = rgba[from + 3]!;
      if (opacity === 0) continue;
      const at = pixel * 3;
      const through = 255 - opacity;
      rgb[at] = rgba[from]! + ((rgb[at]! * through + 127) >> 8);
      rgb[at + 1] = rgba[from + 1]! + ((rgb[at + 1]! * through + 127) >> 8);
      rgb[at + 2] = rgba[from + 2]! + ((rgb[at + 2]! * through + 127) >> 8);
      if (opacity > 127) owner[pixel] = 0;
    }
  }
}
