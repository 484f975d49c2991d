import type { Vector } from './locate.ts';

export interface Quaternion extends Vector {
  readonly w: number;
}

/** Where a camera's optical frame stands in another frame. */
export interface Placement {
  readonly frameId: string;
  readonly translation: Vector;
  /** Of length 1. */
  readonly rotation: Quaternion;
}

export const noRotation: Quaternion = { x: 0, y: 0, z: 0, w: 1 };

/** A point of the camera in the other frame. */
export function placed({ translation, rotation: q }: Placement, point: Vector): Vector {
  // v + 2 w (q x v) + 2 q x (q x v)
  const once = cross(q, point);
  const twice = cross(q, once);
  return {
    x: point.x + 2 * (q.w * once.x + twice.x) + translation.x,
    y: point.y + 2 * (q.w * once.y + twice.y) + translation.y,
    z: point.z + 2 * (q.w * once.z + twice.z) + translation.z,
  };
}

function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}
