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
