import type { Colour } from '../colour.ts';
import { type Camera, nearM } from './camera.ts';
import { type Canvas, fillCapsule, fillEllipse, fillPolygon, type Ink } from './canvas.ts';

/** What daylight, night and fog make of a colour. */
export interface Light {
  /** Factor per channel; 1 is plain daylight. */
  readonly ambient: Colour;
  readonly fogColour: Colour;
  /** Per metre; 0 is clear air. */
  readonly fogDensity: number;
  /** 0 by day, 1 in deep night: lamps shine, windows are lit. */
  readonly darkness: number;
  /** How strongly sun and shade differ, 0..1. */
  readonly sun: number;
  /** Direction to the sun over the ground plane, x and z, length 1. */
  readonly sunX: number;
  readonly sunZ: number;
}

/** Paints solids of the world into the canvas with the light of the moment. */
export interface Brush {
  readonly canvas: Canvas;
  readonly camera: Camera;
  readonly light: Light;
  /** Number that owns what is painted from now on, 0 for scenery. */
  object: number;
  /** 0..1, for things that come into view far away. */
  opacity: number;
  /** Fills a flat convex face given by corners (x, y, z each); `shade` scales its brightness. */
  face(corners: ArrayLike<number>, colour: Colour, shade: number, alpha?: number, count?: number): void;
  /** A limb or pole between two points, radii in metres. */
  limb(
    from: readonly number[],
    to: readonly number[],
    radii: readonly [number, number],
    colour: Colour,
  ): void;
  /** A disc that looks at the camera, radii in metres; `glow` shines by itself and fades to its rim. */
  disc(centre: readonly number[], radiusX: number, radiusY: number, colour: Colour, glow?: number): void;
  /** A lamp: shines by itself with a hard rim. */
  lamp(centre: readonly number[], radius: number, colour: Colour): void;
}

const maxCorners = 24;

export function createBrush(canvas: Canvas, camera: Camera, light: Light): Brush {
  const ink: Ink = { r: 0, g: 0, b: 0, alpha: 1, object: 0 };
  const view = new Float64Array(maxCorners * 3);
  const flat = new Float64Array((maxCorners + 2) * 2);
  const spot = new Float64Array(3);

  /** Camera coordinates: right, up (relative to the camera), depth. */
  function toView(x: number, y: number, z: number, out: Float64Array, at: number): void {
    const dx = x - camera.x;
    out[at] = dx * camera.cos - z * camera.sin;
    out[at + 1] = y - camera.heightM;
    out[at + 2] = dx * camera.sin + z * camera.cos;
  }
  function mix(colour: Colour, depth: number, shade: number, alpha: number): void {
    const haze = light.fogDensity > 0 ? 1 - Math.exp(-depth * light.fogDensity) : 0;
    const clear = 1 - haze;
    ink.r = Math.min(255, colour[0] * light.ambient[0] * shade) * clear + light.fogColour[0] * haze;
    ink.g = Math.min(255, colour[1] * light.ambient[1] * shade) * clear + light.fogColour[1] * haze;
    ink.b = Math.min(255, colour[2] * light.ambient[2] * shade) * clear + light.fogColour[2] * haze;
    ink.alpha = alpha * brush.opacity;
    ink.object = brush.object;
  }
  function glowInk(colour: Colour, depth: number, alpha: number): void {
    const clear = light.fogDensity > 0 ? Math.exp(-depth * light.fogDensity * 0.6) : 1;
    ink.r = colour[0];
    ink.g = colour[1];
    ink.b = colour[2];
    ink.alpha = alpha * clear * brush.opacity;
    ink.object = brush.object;
  }
  function put(corner: number, x: number, y: number, depth: number): void {
    const scale = camera.focal / depth;
    flat[corner * 2] = camera.centreX + x * scale;
    flat[corner * 2 + 1] = camera.horizonY - y * scale;
  }

  const brush: Brush = {
    canvas,
    camera,
    light,
    object: 0,
    opacity: 1,
    face(corners, colour, shade, alpha = 1, count = corners.length / 3) {
      let depthSum = 0;
      for (let i = 0; i < count; i++) {
        toView(corners[i * 3]!, corners[i * 3 + 1]!, corners[i * 3 + 2]!, view, i * 3);
        depthSum += view[i * 3 + 2]!;
      }
      // Sutherland-Hodgman against the near plane: long vehicles pass below the camera.
      let kept = 0;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        const d0 = view[j * 3 + 2]!;
        const d1 = view[i * 3 + 2]!;
        if (d0 >= nearM !== d1 >= nearM) {
          const t = (nearM - d0) / (d1 - d0);
          const x = view[j * 3]! + (view[i * 3]! - view[j * 3]!) * t;
          const y = view[j * 3 + 1]! + (view[i * 3 + 1]! - view[j * 3 + 1]!) * t;
          put(kept++, x, y, nearM);
        }
        if (d1 >= nearM) put(kept++, view[i * 3]!, view[i * 3 + 1]!, d1);
      }
      if (kept < 3) return;
      mix(colour, Math.max(nearM, depthSum / count), shade, alpha);
      fillPolygon(canvas, flat, kept, ink);
    },
    limb(from, to, radii, colour) {
      toView(from[0]!, from[1]!, from[2]!, view, 0);
      toView(to[0]!, to[1]!, to[2]!, view, 3);
      const d0 = view[2]!;
      const d1 = view[5]!;
      if (d0 < nearM || d1 < nearM) return;
      put(0, view[0]!, view[1]!, d0);
      put(1, view[3]!, view[4]!, d1);
      mix(colour, (d0 + d1) / 2, 1, 1);
      const s0 = (radii[0] * camera.focal) / d0;
      const s1 = (radii[1] * camera.focal) / d1;
      fillCapsule(canvas, flat[0]!, flat[1]!, s0, flat[2]!, flat[3]!, s1, ink);
    },
    disc(centre, radiusX, radiusY, colour, glow = 0) {
      toView(centre[0]!, centre[1]!, centre[2]!, spot, 0);
      const depth = spot[2]!;
      if (depth < nearM) return;
      put(0, spot[0]!, spot[1]!, depth);
      const scale = camera.focal / depth;
      if (glow > 0) {
        glowInk(colour, depth, glow);
        // A glow brightens what is there and belongs to nobody.
        ink.alpha = Math.min(ink.alpha, 0.5);
      } else mix(colour, depth, 1, 1);
      fillEllipse(canvas, flat[0]!, flat[1]!, radiusX * scale, radiusY * scale, glow > 0 ? 1 : 0, ink);
    },
    lamp(centre, radius, colour) {
      toView(centre[0]!, centre[1]!, centre[2]!, spot, 0);
      const depth = spot[2]!;
      if (depth < nearM) return;
      put(0, spot[0]!, spot[1]!, depth);
      glowInk(colour, depth, 1);
      const r = Math.max(0.4, (radius * camera.focal) / depth);
      fillEllipse(canvas, flat[0]!, flat[1]!, r, r, 0, ink);
    },
  };
  return brush;
}
