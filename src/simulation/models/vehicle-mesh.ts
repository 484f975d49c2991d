import type { Colour } from '../colour.ts';
import { createRandom, type Random } from '../random.ts';

/** Corners as (towards the front, to the right, up) triples in metres; the middle of the vehicle is the origin. */
export interface MeshFace {
  readonly corners: Float64Array;
  readonly colour: Colour;
  /** Outward direction in vehicle axes; both 0 for faces that look up. */
  readonly ahead: number;
  readonly right: number;
  /** Factor on the light that falls on that side, or the whole brightness where `flat`. */
  readonly shade: number;
  readonly flat: boolean;
  /** Only worth painting when the vehicle is near. */
  readonly detail: boolean;
}

export interface Lamp {
  readonly ahead: number;
  readonly right: number;
  readonly up: number;
  readonly size: number;
}

/** A car is one group; a truck has chassis, cab and load, and which of the last two comes first depends on the view. */
export interface VehicleMesh {
  readonly base: readonly MeshFace[];
  readonly cab: readonly MeshFace[];
  readonly load: readonly MeshFace[];
  readonly lamps: readonly Lamp[];
  readonly halfWidthM: number;
  readonly heightM: number;
  readonly cabM: number;
}

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
const glass: Colour = [44, 54, 64];
const windscreen: Colour = [58, 72, 84];
const rubber: Colour = [26, 26, 28];

type Point = readonly [number, number, number];

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

/** Long side: low back, low front, high front, high back. */
function sideOf(b: Block, s: number): Point[] {
  return [
    [b.back, s * b.half, b.low],
    [b.front, s * b.half, b.low],
    [b.topFront, s * b.topHalf, b.high],
    [b.topBack, s * b.topHalf, b.high],
  ];
}

/** Front (a = 1) or rear (a = -1): low left, low right, high right, high left. */
function endOf(b: Block, a: number): Point[] {
  const low = a > 0 ? b.front : b.back;
  const high = a > 0 ? b.topFront : b.topBack;
  return [
    [low, -b.half, b.low],
    [low, b.half, b.low],
    [high, b.topHalf, b.high],
    [high, -b.topHalf, b.high],
  ];
}

/** Part of a four-cornered face: shares along its lower edge and upwards, 0..1. */
function pane(ring: readonly Point[], u0: number, u1: number, v0: number, v1: number): Point[] {
  const at = (u: number, v: number): Point => {
    const mix = (k: 0 | 1 | 2): number => {
      const low = ring[0]![k] + (ring[1]![k] - ring[0]![k]) * u;
      const high = ring[3]![k] + (ring[2]![k] - ring[3]![k]) * u;
      return low + (high - low) * v;
    };
    return [mix(0), mix(1), mix(2)];
  };
  return [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)];
}

class Builder {
  readonly faces: MeshFace[] = [];
  put(
    ring: readonly Point[],
    colour: Colour,
    ahead: number,
    right: number,
    shade: number,
    flat = false,
    detail = false,
  ): void {
    this.faces.push({ corners: Float64Array.from(ring.flat()), colour, ahead, right, shade, flat, detail });
  }
  solid(b: Block, colour: Colour): void {
    for (const s of [1, -1]) this.put(sideOf(b, s), colour, 0, s, 1);
    for (const a of [1, -1]) this.put(endOf(b, a), colour, a, 0, 1);
    const lid: Point[] = [
      [b.topBack, -b.topHalf, b.high],
      [b.topBack, b.topHalf, b.high],
      [b.topFront, b.topHalf, b.high],
      [b.topFront, -b.topHalf, b.high],
    ];
    this.put(lid, colour, 0, 0, 1);
  }
  wheels(half: number, ahead: number, radius: number): void {
    for (const s of [1, -1]) {
      const ring = (share: number, out: number): Point[] =>
        Array.from({ length: 10 }, (_, i) => {
          const angle = (i * Math.PI) / 5;
          return [
            ahead + radius * share * Math.cos(angle),
            s * half * out,
            radius + radius * share * Math.sin(angle),
          ];
        });
      this.put(ring(1, 1.01), rubber, 0, s, 1, true);
      this.put(ring(0.55, 1.02), [132, 134, 138], 0, s, 1, true, true);
    }
  }
}

/** The body of a vehicle, drawn from its seed; build it once per vehicle. */
export function buildVehicle(kind: 'car' | 'truck', lengthM: number, seed: number): VehicleMesh {
  const random = createRandom(seed);
  return kind === 'car' ? buildCar(random, lengthM) : buildTruck(random, lengthM);
}

function lampPairs(l2: number, half: number, frontUp: number, rearUp: number, size: number): Lamp[] {
  return [1, -1].flatMap((right) => [
    { ahead: l2, right: right * (half * 0.94 - size * 0.8), up: frontUp, size },
    { ahead: -l2, right: right * (half * 0.95 - size * 0.8), up: rearUp, size },
  ]);
}

function buildCar(random: Random, lengthM: number): VehicleMesh {
  const l2 = lengthM / 2;
  const half = random.between(0.84, 0.95);
  const paint = random.pick(paints);
  const body = random.pick(['sedan', 'hatch', 'wagon', 'tall'] as const);
  const tall = body === 'tall';
  const roof = tall ? random.between(1.62, 1.85) : random.between(1.38, 1.52);
  const waist = tall ? 0.98 : random.between(0.82, 0.9);
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
  const front = l2 - lengthM * (tall ? 0.2 : 0.27);
  const back = -l2 + lengthM * (body === 'sedan' ? 0.16 : 0.03);
  const cabin: Block = {
    back,
    front,
    topBack: back + (body === 'sedan' ? 0.55 : 0.28),
    topFront: front - (tall ? 0.5 : 0.75),
    low: waist,
    high: roof,
    half: half * 0.95,
    topHalf: half * 0.76,
  };
  const pillar: Colour = random.chance(0.25) ? [30, 30, 34] : paint;
  const mesh = new Builder();
  mesh.solid(hull, paint);
  mesh.wheels(half, l2 * 0.62, 0.33);
  mesh.wheels(half, -l2 * 0.6, 0.33);
  for (const s of [1, -1]) {
    mesh.put(pane(sideOf(hull, s), 0, 1, 0, 0.14), [34, 34, 36], 0, s, 1, true, true);
    mesh.put(pane(sideOf(hull, s), 0.47, 0.48, 0.15, 0.95), paint, 0, s, 0.7, false, true);
  }
  mesh.solid(cabin, paint);
  for (const s of [1, -1]) {
    mesh.put(pane(sideOf(cabin, s), 0.06, 0.48, 0.1, 0.86), glass, 0, s, 1.1, true);
    mesh.put(pane(sideOf(cabin, s), 0.52, 0.94, 0.1, 0.86), glass, 0, s, 1.1, true);
    mesh.put(pane(sideOf(cabin, s), 0.48, 0.52, 0, 0.9), pillar, 0, s, 0.9, false, true);
  }
  for (const a of [1, -1]) mesh.put(pane(endOf(cabin, a), 0.07, 0.93, 0.1, 0.9), windscreen, a, 0, 1.1, true);
  const nose = endOf(hull, 1);
  mesh.put(pane(nose, 0.2, 0.8, 0.36, 0.6), [30, 30, 32], 1, 0, 1, true);
  mesh.put(pane(nose, 0, 1, 0, 0.16), [40, 40, 42], 1, 0, 1, true, true);
  mesh.put(pane(nose, 0.38, 0.62, 0.18, 0.34), [226, 226, 214], 1, 0, 1, true, true);
  const tail = endOf(hull, -1);
  mesh.put(pane(tail, 0, 1, 0, 0.2), [44, 44, 46], -1, 0, 1, true);
  mesh.put(pane(tail, 0.36, 0.64, 0.4, 0.62), [222, 222, 208], -1, 0, 1, true, true);
  if (random.chance(0.07)) {
    // A taxi shows its sign to both ends.
    const sign: Block = {
      back: -0.35,
      front: 0,
      topBack: -0.3,
      topFront: -0.05,
      low: roof,
      high: roof + 0.2,
      half: 0.3,
      topHalf: 0.28,
    };
    mesh.solid(sign, [250, 210, 60]);
  }
  return {
    base: mesh.faces,
    cab: [],
    load: [],
    lamps: lampPairs(l2, half, waist * 0.76, waist * 0.8, 0.2),
    halfWidthM: half,
    heightM: roof,
    cabM: 0,
  };
}

function buildTruck(random: Random, lengthM: number): VehicleMesh {
  const l2 = lengthM / 2;
  const half = random.between(1.15, 1.28);
  const paint = random.pick(paints);
  const loadPaint = random.pick(cargo);
  const stripe = random.pick(paints);
  const tall = random.between(2.7, 3.5);
  const cabLength = random.between(1.7, 2.1);
  const cabTop = Math.min(tall - 0.1, random.between(2.2, 2.8));
  const split = l2 - cabLength - 0.25;
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
    high: cabTop,
    half: half * 0.97,
    topHalf: half * 0.92,
  };
  const box: Block = {
    back: -l2,
    front: split,
    topBack: -l2,
    topFront: split,
    low: 0.85,
    high: tall,
    half,
    topHalf: half,
  };
  const base = new Builder();
  base.solid(chassis, [52, 52, 56]);
  base.wheels(half, l2 - cabLength * 0.6, 0.46);
  base.wheels(half, -l2 * 0.55, 0.46);
  if (lengthM > 7.6) base.wheels(half, -l2 * 0.55 - 1, 0.46);
  const front = new Builder();
  front.solid(cab, paint);
  for (const s of [1, -1]) front.put(pane(sideOf(cab, s), 0.3, 0.88, 0.48, 0.86), glass, 0, s, 1.1, true);
  const nose = endOf(cab, 1);
  front.put(pane(nose, 0.07, 0.93, 0.48, 0.88), windscreen, 1, 0, 1.1, true);
  front.put(pane(nose, 0.18, 0.82, 0.2, 0.38), [36, 36, 40], 1, 0, 1, true);
  front.put(pane(nose, 0, 1, 0, 0.1), [46, 46, 50], 1, 0, 1, true, true);
  const load = new Builder();
  load.solid(box, loadPaint);
  for (const s of [1, -1]) {
    load.put(pane(sideOf(box, s), 0, 1, 0.3, 0.44), stripe, 0, s, 1);
    load.put(pane(sideOf(box, s), 0.3, 0.7, 0.55, 0.78), stripe, 0, s, 0.9);
    load.put(pane(sideOf(box, s), 0, 1, 0.96, 1), [200, 200, 200], 0, s, 0.8, true, true);
  }
  const tail = endOf(box, -1);
  load.put(pane(tail, 0.49, 0.51, 0.02, 0.98), [90, 90, 92], -1, 0, 1, true, true);
  load.put(pane(tail, 0.04, 0.96, 0.02, 0.05), [90, 90, 92], -1, 0, 1, true, true);
  load.put(pane(tail, 0.1, 0.9, 0.74, 0.86), stripe, -1, 0, 1);
  return {
    base: base.faces,
    cab: front.faces,
    load: load.faces,
    lamps: lampPairs(l2, half, 0.82, 0.72, 0.24),
    halfWidthM: half,
    heightM: tall,
    cabM: cabLength,
  };
}
