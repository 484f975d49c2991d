import type { Brush } from '../picture/brush.ts';
import { depthOf } from '../picture/camera.ts';
import type { Lamp, MeshFace, VehicleMesh } from './vehicle-mesh.ts';

export interface VehiclePose {
  readonly mesh: VehicleMesh;
  readonly x: number;
  readonly z: number;
  /** +1 drives away from the camera. */
  readonly direction: 1 | -1;
  readonly lengthM: number;
  readonly braking: boolean;
  /** A parked car shows no lights. */
  readonly parked: boolean;
}

const detailM = 42;
const world = new Float64Array(16 * 3);

/** Paints a vehicle with its shadow: groups from far to near, only faces that look at the camera. */
export function paintVehicle(brush: Brush, pose: VehiclePose): void {
  const { mesh, x, z, direction, lengthM } = pose;
  const object = brush.object;
  brush.object = 0;
  paintShadow(brush, pose);
  brush.object = object;
  const near = depthOf(brush.camera, x, z) < detailM;
  paintFaces(brush, pose, mesh.base, near);
  if (mesh.cabM > 0) {
    const cabDepth = depthOf(brush.camera, x, z + direction * (lengthM / 2 - mesh.cabM / 2));
    const loadDepth = depthOf(brush.camera, x, z - direction * mesh.cabM);
    paintFaces(brush, pose, cabDepth > loadDepth ? mesh.cab : mesh.load, near);
    paintFaces(brush, pose, cabDepth > loadDepth ? mesh.load : mesh.cab, near);
  }
  for (const lamp of mesh.lamps) paintLamp(brush, pose, lamp, object);
}

function paintFaces(brush: Brush, pose: VehiclePose, faces: readonly MeshFace[], near: boolean): void {
  const { x, z, direction } = pose;
  const { light, camera } = brush;
  const sunSide = 0.2 * light.sun * light.sunX * direction;
  const sunEnd = 0.2 * light.sun * light.sunZ * direction;
  for (const face of faces) {
    if (face.detail && !near) continue;
    const { corners, ahead, right } = face;
    const top = ahead === 0 && right === 0;
    if (top) {
      if (corners[2]! > camera.heightM) continue;
    } else {
      const cx = x + corners[1]! * direction - camera.x;
      const cz = z + corners[0]! * direction;
      if ((cx * right + cz * ahead) * direction >= 0) continue;
    }
    for (let i = 0; i < corners.length; i += 3) {
      world[i] = x + corners[i + 1]! * direction;
      world[i + 1] = corners[i + 2]!;
      world[i + 2] = z + corners[i]! * direction;
    }
    const lit = top ? 1.04 + 0.12 * light.sun : right !== 0 ? 0.8 + sunSide * right : 0.78 + sunEnd * ahead;
    brush.face(world, face.colour, face.flat ? face.shade : face.shade * lit, 1, corners.length / 3);
  }
}

function paintShadow(brush: Brush, pose: VehiclePose): void {
  const { mesh, x, z, lengthM } = pose;
  const { light } = brush;
  const half = mesh.halfWidthM;
  const l2 = lengthM / 2;
  const lean = light.sun * mesh.heightM * 0.4;
  const quad = (dx: number, dz: number, long: number): number[] => [
    x - half + dx,
    0.01,
    z - long + dz,
    x - half + dx,
    0.01,
    z + long + dz,
    x + half + dx,
    0.01,
    z + long + dz,
    x + half + dx,
    0.01,
    z - long + dz,
  ];
  brush.face(
    quad(-light.sunX * lean, -light.sunZ * lean, l2 - 0.1),
    [18, 18, 22],
    1,
    0.24 + 0.16 * light.sun,
  );
  brush.face(quad(0, 0, l2), [14, 14, 16], 1, 0.5);
}

function paintLamp(brush: Brush, pose: VehiclePose, lamp: Lamp, object: number): void {
  const { x, z, direction } = pose;
  const { darkness } = brush.light;
  const cx = x + lamp.right * direction;
  const cz = z + lamp.ahead * direction;
  const side = Math.sign(lamp.ahead);
  if (cz * side * direction >= 0) return;
  const front = side > 0;
  const w = lamp.size * 0.8;
  const h = lamp.size / 2;
  const pane = [
    cx - w,
    lamp.up - h,
    cz,
    cx + w,
    lamp.up - h,
    cz,
    cx + w,
    lamp.up + h,
    cz,
    cx - w,
    lamp.up + h,
    cz,
  ];
  brush.face(
    pane,
    front ? [236, 236, 224] : pose.braking && !pose.parked ? [255, 40, 30] : [150, 24, 24],
    1.02,
  );
  if (pose.parked || (darkness <= 0.25 && (front || !pose.braking))) return;
  const centre = [cx, lamp.up, cz + 0.05 * side * direction];
  brush.lamp(centre, lamp.size * 0.45, front ? [255, 250, 226] : [255, 46, 36]);
  // A glow belongs to nobody.
  brush.object = 0;
  const glow = front ? 1.1 : pose.braking ? 0.5 : 0.35;
  brush.disc(centre, glow, glow, front ? [255, 244, 210] : [255, 60, 40], 0.28 + 0.3 * darkness);
  brush.object = object;
}
