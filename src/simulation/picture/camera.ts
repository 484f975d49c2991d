import type { CameraPose } from '../scene.ts';

/**
 * A pinhole camera with a shifted sensor in place of a pitch: verticals stay vertical, so columns of buildings can be
 * cast one by one. World: x to the right of the road, y up, z along the road, metres; the camera stands at z = 0.
 */
export interface Camera {
  readonly x: number;
  readonly heightM: number;
  readonly yawRad: number;
  /** Pixels. */
  readonly focal: number;
  readonly centreX: number;
  readonly horizonY: number;
  readonly cos: number;
  readonly sin: number;
}

/** Nearest depth that is drawn, metres. */
export const nearM = 1.5;

export function createCamera(pose: CameraPose, width: number, height: number): Camera {
  return {
    x: pose.x,
    heightM: pose.heightM,
    yawRad: pose.yawRad,
    focal: pose.focal * width,
    centreX: width / 2,
    horizonY: pose.horizon * height,
    cos: Math.cos(pose.yawRad),
    sin: Math.sin(pose.yawRad),
  };
}

/** Distance in front of the camera, metres; negative behind it. */
export function depthOf(camera: Camera, x: number, z: number): number {
  return (x - camera.x) * camera.sin + z * camera.cos;
}

/** Writes the picture's x and y to `out[at]`, `out[at + 1]`; gives the depth. Meaningless where depth < nearM. */
export function project(
  camera: Camera,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
  at: number,
): number {
  const dx = x - camera.x;
  const depth = dx * camera.sin + z * camera.cos;
  const scale = camera.focal / Math.max(depth, 0.1);
  out[at] = camera.centreX + (dx * camera.cos - z * camera.sin) * scale;
  out[at + 1] = camera.horizonY + (camera.heightM - y) * scale;
  return depth;
}
