import type { Brush, Colour } from './brush.ts';
import { depthOf } from './camera.ts';
import { createRandom } from './random.ts';

const paints: readonly Colour[] = [
  [228, 228, 226],
  [40, 42, 48],
  [150, 154, 160],
  [196, 40, 44],
  [36, 76, 148],
  [92, 98, 106],
  [232, 196, 60],
  [40, 104, 70],
  [120, 32, 40],
  [84, 130, 178],
  [214, 206, 186],
  [232, 116, 40],
  [24, 50, 84],
  [176, 180, 182],
];
const cargo: readonly Colour[] = [
  [232, 232, 228],
  [214, 214, 206],
  [58, 102, 160],
  [190, 52, 46],
  [64, 126, 84],
  [226, 178, 60],
  [150, 150, 150],
];
const glassInk: Colour = [44, 54, 64];
const rubber: Colour = [26, 26, 28];

export interface VehiclePose {
  readonly kind: 'car' | 'truck';
  readonly seed: number;
  readonly x: number;
  readonly z: number;
  readonly direction: 1 | -1;
  readonly lengthM: number;
  readonly braking: boolean;
  /** A parked car shows no lights. */
  readonly parked: boolean;
}

/** A solid with trapezoid sides: bottom and top rectangles along the axis of the vehicle. */
interface Block {
  readonly back: number;
  readonly front: number;
  readonly topBack: number;
  readonly topFront: number;
  readonly low: number;
  readonly high: number;
  readonly half: number;
  readonly topHalf: number;
}

/** Paints a car or truck with its shadow: solids from far to near, faces that look at the camera only. */
export function paintVehicle(brush: Brush, pose: VehiclePose): void {
  const random = createRandom(pose.seed);
  const { direction, x, z, lengthM } = pose;
  // Vehicle axes: `a` towards its front, `s` to its right side, `h` up.
  const at = (a: number, s: number, h: number): number[] => [x + s * direction, h, z + a * direction];
  const quad = (...corners: readonly (readonly [number, number, number])[]): number[] =>
    corners.flatMap(([a, s, h]) => at(a, s, h));
  const half = pose.kind === 'truck' ? random.between(1.15, 1.28) : random.between(0.84, 0.95);
  const light = brush.light;
  const object = brush.object;

  brush.object = 0;
  const l2 = lengthM / 2;
  const lean = light.sun * (pose.kind === 'truck' ? 1 : 0.6);
  const sx = -light.sunX * lean * direction;
  const sz = -light.sunZ * lean * direction;
  brush.face(
    quad(
      [-l2 + 0.1 + sz, -half + sx, 0.01],
      [l2 - 0.1 + sz, -half + sx, 0.01],
      [l2 - 0.1 + sz, half + sx, 0.01],
      [-l2 + 0.1 + sz, half + sx, 0.01],
    ),
    [18, 18, 22],
    1,
    0.24 + 0.16 * light.sun,
  );
  brush.face(
    quad([-l2, -half, 0.01], [l2, -half, 0.01], [l2, half, 0.01], [-l2, half, 0.01]),
    [14, 14, 16],
    1,
    0.5,
  );
  brush.object = object;

  // Shades of the six sides; the sun stands somewhere over the street.
  const sideShade = (s: 1 | -1): number => 0.8 + 0.2 * light.sun * light.sunX * s * direction;
  const endShade = (a: 1 | -1): number => 0.78 + 0.2 * light.sun * light.sunZ * a * direction;
  const topShade = 1.04 + 0.12 * light.sun;

  const side = (b: Block, s: 1 | -1): number[] => {
    const ring = [
      [b.back, b.low, b.half],
      [b.front, b.low, b.half],
      [b.topFront, b.high, b.topHalf],
      [b.topBack, b.high, b.topHalf],
    ] as const;
    return ring.flatMap(([a, h, w]) => at(a, s * w, h));
  };
  const end = (b: Block, a: 1 | -1): number[] => {
    const bottom = a > 0 ? b.front : b.back;
    const top = a > 0 ? b.topFront : b.topBack;
    const ring = [
      [bottom, -b.half, b.low],
      [bottom, b.half, b.low],
      [top, b.topHalf, b.high],
      [top, -b.topHalf, b.high],
    ] as const;
    return ring.flatMap(([p, s, h]) => at(p, s, h));
  };
  const top = (b: Block): number[] =>
    quad(
      [b.topBack, -b.topHalf, b.high],
      [b.topBack, b.topHalf, b.high],
      [b.topFront, b.topHalf, b.high],
      [b.topFront, -b.topHalf, b.high],
    );
  /** Shows a face only when its outside looks at the camera, whichever way its corners run. */
  const visible = (corners: number[], a: number, s: number): boolean => {
    const cx = (corners[0]! + corners[6]!) / 2 - brush.camera.x;
    const cz = (corners[2]! + corners[8]!) / 2;
    return cx * s * direction + cz * a * direction < 0;
  };
  const solid = (b: Block, colour: Colour, dim = 1): void => {
    for (const s of [1, -1] as const) {
      const face = side(b, s);
      if (visible(face, 0, s)) brush.face(face, colour, sideShade(s) * dim);
    }
    for (const a of [1, -1] as const) {
      const face = end(b, a);
      if (visible(face, a, 0)) brush.face(face, colour, endShade(a) * dim);
    }
    if (b.high < brush.camera.heightM) brush.face(top(b), colour, topShade * dim);
  };
  /** A pane on a face: shares along and up, 0..1. */
  const pane = (corners: number[], u0: number, u1: number, v0: number, v1: number): number[] => {
    const point = (u: number, v: number): number[] => {
      const out: number[] = [];
      for (let k = 0; k < 3; k++) {
        const low = corners[k]! + (corners[3 + k]! - corners[k]!) * u;
        const high = corners[9 + k]! + (corners[6 + k]! - corners[9 + k]!) * u;
        out.push(low + (high - low) * v);
      }
      return out;
    };
    return [...point(u0, v0), ...point(u1, v0), ...point(u1, v1), ...point(u0, v1)];
  };
  const glassShade = light.darkness > 0.5 ? 0.8 : 1.1;
  const wheel = (a: number, radius: number): void => {
    for (const s of [1, -1] as const) {
      const probe = at(a, s * half, radius);
      if (!visible([...probe, 0, 0, 0, ...probe], 0, s)) continue;
      const rim: number[] = [];
      const hub: number[] = [];
      for (let i = 0; i < 10; i++) {
        const c = Math.cos((i * Math.PI) / 5);
        const n = Math.sin((i * Math.PI) / 5);
        rim.push(...at(a + radius * c, s * half * 1.01, radius + radius * n));
        hub.push(...at(a + radius * 0.55 * c, s * half * 1.02, radius + radius * 0.55 * n));
      }
      brush.face(rim, rubber, 1);
      brush.face(hub, [132, 134, 138], 1);
    }
  };
  const lights = (a: number, spread: number, h: number, size: number): void => {
    const front = a > 0;
    const probe = at(a, 0, h);
    if (!visible([...probe, 0, 0, 0, ...probe], front ? 1 : -1, 0)) return;
    for (const s of [1, -1]) {
      const w = spread - size * 0.8;
      const lamp = quad(
        [a, s * w - size * 0.8, h - size / 2],
        [a, s * w + size * 0.8, h - size / 2],
        [a, s * w + size * 0.8, h + size / 2],
        [a, s * w - size * 0.8, h + size / 2],
      );
      brush.face(
        lamp,
        front ? [236, 236, 224] : pose.braking ? [255, 40, 30] : [150, 24, 24],
        front ? 1.05 : 1,
      );
      const on = !pose.parked && (light.darkness > 0.25 || (!front && pose.braking));
      if (!on) continue;
      const centre = at(a + Math.sign(a) * 0.05, s * w, h);
      brush.lamp(centre, size * 0.45, front ? [255, 250, 226] : [255, 46, 36]);
      brush.object = 0;
      const glow = front ? 1.1 : pose.braking ? 0.5 : 0.35;
      brush.disc(centre, glow, glow, front ? [255, 244, 210] : [255, 60, 40], 0.28 + 0.3 * light.darkness);
      brush.object = object;
    }
  };

  if (pose.kind === 'car') paintCar();
  else paintTruck();

  function paintCar(): void {
    const paint = random.pick(paints);
    const body = random.pick(['sedan', 'hatch', 'wagon', 'tall'] as const);
    const roof = body === 'tall' ? random.between(1.62, 1.85) : random.between(1.38, 1.52);
    const waist = body === 'tall' ? 0.98 : random.between(0.82, 0.9);
    const hull: Block = {
      back: -l2,
      front: l2,
      topBack: -l2 + 0.08,
      topFront: l2 - 0.16,
      low: 0.24,
      high: waist,
      half,
      topHalf: half * 0.96,
    };
    const cabinFront = l2 - lengthM * (body === 'tall' ? 0.2 : 0.27);
    const cabinBack = -l2 + lengthM * (body === 'sedan' ? 0.16 : 0.03);
    const cabin: Block = {
      back: cabinBack,
      front: cabinFront,
      topBack: cabinBack + (body === 'sedan' ? 0.55 : 0.28),
      topFront: cabinFront - (body === 'tall' ? 0.5 : 0.75),
      low: waist,
      high: roof,
      half: half * 0.95,
      topHalf: half * 0.76,
    };
    solid(hull, paint);
    const pillar = random.chance(0.25) ? ([30, 30, 34] as Colour) : paint;
    wheel(l2 * 0.62, 0.33);
    wheel(-l2 * 0.6, 0.33);
    for (const s of [1, -1] as const) {
      const face = side(hull, s);
      if (visible(face, 0, s)) {
        brush.face(pane(face, 0, 1, 0, 0.14), [34, 34, 36], 1);
        brush.face(pane(face, 0.47, 0.48, 0.15, 0.95), paint, sideShade(s) * 0.7);
      }
    }
    solid(cabin, paint);
    for (const s of [1, -1] as const) {
      const face = side(cabin, s);
      if (!visible(face, 0, s)) continue;
      brush.face(pane(face, 0.06, 0.48, 0.1, 0.86), glassInk, glassShade);
      brush.face(pane(face, 0.52, 0.94, 0.1, 0.86), glassInk, glassShade);
      brush.face(pane(face, 0.48, 0.52, 0, 0.9), pillar, sideShade(s) * 0.9);
    }
    for (const a of [1, -1] as const) {
      const face = end(cabin, a);
      if (visible(face, a, 0)) brush.face(pane(face, 0.07, 0.93, 0.1, 0.9), [58, 72, 84], glassShade);
    }
    const nose = end(hull, 1);
    if (visible(nose, 1, 0)) {
      brush.face(pane(nose, 0.2, 0.8, 0.36, 0.6), [30, 30, 32], 1);
      brush.face(pane(nose, 0, 1, 0, 0.16), [40, 40, 42], 1);
      brush.face(pane(nose, 0.38, 0.62, 0.18, 0.34), [226, 226, 214], 1);
    }
    const tail = end(hull, -1);
    if (visible(tail, -1, 0)) {
      brush.face(pane(tail, 0, 1, 0, 0.2), [44, 44, 46], 1);
      brush.face(pane(tail, 0.36, 0.64, 0.4, 0.62), [222, 222, 208], 1);
    }
    lights(l2, half * 0.94, waist * 0.76, 0.2);
    lights(-l2, half * 0.95, waist * 0.8, 0.19);
    if (random.chance(0.07))
      brush.face(
        quad([-0.3, -0.3, roof + 0.18], [-0.3, 0.3, roof + 0.18], [0, 0.3, roof], [0, -0.3, roof]),
        [250, 210, 60],
        1,
      );
  }

  function paintTruck(): void {
    const paint = random.pick(paints);
    const load = random.pick(cargo);
    const stripe = random.pick(paints);
    const tallM = random.between(2.7, 3.5);
    const cabLength = random.between(1.7, 2.1);
    const cabM = Math.min(tallM - 0.1, random.between(2.2, 2.8));
    const chassis: Block = {
      back: -l2,
      front: l2,
      topBack: -l2,
      topFront: l2,
      low: 0.4,
      high: 0.85,
      half: half * 0.94,
      topHalf: half * 0.94,
    };
    const cab: Block = {
      back: l2 - cabLength,
      front: l2,
      topBack: l2 - cabLength,
      topFront: l2 - 0.25,
      low: 0.5,
      high: cabM,
      half: half * 0.97,
      topHalf: half * 0.92,
    };
    const box: Block = {
      back: -l2,
      front: l2 - cabLength - 0.25,
      topBack: -l2,
      topFront: l2 - cabLength - 0.25,
      low: 0.85,
      high: tallM,
      half,
      topHalf: half,
    };
    solid(chassis, [52, 52, 56]);
    wheel(l2 - cabLength * 0.6, 0.46);
    wheel(-l2 * 0.55, 0.46);
    if (lengthM > 7.6) wheel(-l2 * 0.55 - 1, 0.46);
    const drawCab = (): void => {
      solid(cab, paint);
      for (const s of [1, -1] as const) {
        const face = side(cab, s);
        if (visible(face, 0, s)) brush.face(pane(face, 0.3, 0.88, 0.48, 0.86), glassInk, glassShade);
      }
      const nose = end(cab, 1);
      if (visible(nose, 1, 0)) {
        brush.face(pane(nose, 0.07, 0.93, 0.48, 0.88), [54, 66, 78], glassShade);
        brush.face(pane(nose, 0.18, 0.82, 0.2, 0.38), [36, 36, 40], 1);
        brush.face(pane(nose, 0, 1, 0, 0.1), [46, 46, 50], 1);
      }
    };
    const drawBox = (): void => {
      solid(box, load);
      for (const s of [1, -1] as const) {
        const face = side(box, s);
        if (!visible(face, 0, s)) continue;
        brush.face(pane(face, 0, 1, 0.3, 0.44), stripe, sideShade(s));
        brush.face(pane(face, 0.3, 0.7, 0.55, 0.78), stripe, sideShade(s) * 0.9);
        brush.face(pane(face, 0, 1, 0.96, 1), [200, 200, 200], 0.8);
      }
      const tail = end(box, -1);
      if (visible(tail, -1, 0)) {
        brush.face(pane(tail, 0.49, 0.51, 0.02, 0.98), [90, 90, 92], 1);
        brush.face(pane(tail, 0.04, 0.96, 0.02, 0.05), [90, 90, 92], 1);
        brush.face(pane(tail, 0.1, 0.9, 0.74, 0.86), stripe, endShade(-1));
      }
    };
    const cabDepth = depthOf(brush.camera, x, z + direction * (l2 - cabLength / 2));
    const boxDepth = depthOf(brush.camera, x, z - direction * cabLength);
    if (cabDepth > boxDepth) {
      drawCab();
      drawBox();
    } else {
      drawBox();
      drawCab();
    }
    lights(l2, half * 0.9, 0.82, 0.24);
    lights(-l2, half * 0.92, 0.72, 0.22);
  }
}
