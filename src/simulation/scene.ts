import type { Colour } from './colour.ts';
import { createRandom, type Random } from './random.ts';

export interface CameraPose {
  readonly x: number;
  readonly heightM: number;
  readonly yawRad: number;
  /** Focal length over picture width. */
  readonly focal: number;
  /** Horizon over picture height, from the top. */
  readonly horizon: number;
}

/** An upright block with its faces along the axes, metres. */
export interface Building {
  readonly x0: number;
  readonly x1: number;
  readonly z0: number;
  readonly z1: number;
  readonly heightM: number;
  readonly wall: Colour;
  readonly trim: Colour;
  readonly shop: Colour;
  readonly storeyM: number;
  readonly windowM: number;
  /** Share of a window cell that is glass, 0..1. */
  readonly glass: number;
  readonly brick: boolean;
  readonly seed: number;
}

export type SignShape = 'stop' | 'round' | 'blue' | 'triangle' | 'square' | 'priority';

/** What stands on the sidewalk and never moves. */
export type Furniture =
  | { readonly kind: 'sign'; readonly shape: SignShape; readonly glyph: number }
  | { readonly kind: 'light'; readonly forVehicles: boolean; readonly overhead: number }
  | { readonly kind: 'tree'; readonly crownM: number; readonly leaf: Colour }
  | { readonly kind: 'lamp'; readonly towards: number }
  | { readonly kind: 'bin' | 'bollard' | 'bush' };
export type Prop = Furniture & {
  readonly x: number;
  readonly z: number;
  readonly heightM: number;
  /** +1 shows its face to a driver who comes from the camera, -1 to one who comes towards it. */
  readonly face: 1 | -1;
  readonly seed: number;
};

export interface ParkedCar {
  readonly x: number;
  readonly z: number;
  readonly direction: 1 | -1;
  readonly seed: number;
}

/** Everything about one street that stays: drawn from the seed, before any weather. */
export interface Scene {
  readonly seed: number;
  readonly camera: CameraPose;
  readonly lanesAway: number;
  readonly lanesTowards: number;
  readonly laneM: number;
  /** Half the width of the road with its parking strips. */
  readonly roadM: number;
  readonly parking: boolean;
  readonly sidewalkM: number;
  /** Near edge of the zebra crossing, or undefined. */
  readonly crossingZ: number | undefined;
  readonly buildings: readonly Building[];
  readonly props: readonly Prop[];
  readonly parked: readonly ParkedCar[];
  readonly asphalt: Colour;
  readonly pavement: Colour;
  readonly verge: Colour;
  readonly skyTop: Colour;
  readonly skyLow: Colour;
  /** Share of the sky that is cloud, 0..1. */
  readonly clouds: number;
  /** Tint of daylight. */
  readonly daylight: Colour;
  readonly sun: number;
  readonly sunX: number;
  readonly sunZ: number;
  readonly busyness: number;
}

/** How far the street goes, metres: beyond it nothing moves. */
export const streetEndM = 95;
export const crossingM = 3.4;

const walls: readonly Colour[] = [
  [178, 92, 70],
  [196, 120, 88],
  [214, 196, 164],
  [226, 214, 190],
  [160, 158, 152],
  [120, 128, 138],
  [206, 170, 120],
  [142, 84, 72],
  [188, 186, 178],
  [232, 224, 210],
  [128, 146, 160],
  [170, 140, 116],
  [196, 206, 200],
  [216, 180, 160],
  [98, 104, 112],
  [238, 206, 140],
];
const shops: readonly Colour[] = [
  [180, 40, 44],
  [30, 96, 140],
  [36, 116, 74],
  [224, 160, 40],
  [60, 56, 64],
  [140, 60, 110],
  [230, 226, 216],
];
const leaves: readonly Colour[] = [
  [74, 116, 52],
  [96, 132, 60],
  [60, 98, 50],
  [120, 140, 62],
  [150, 128, 54],
  [86, 120, 74],
];

export function createScene(seed: number): Scene {
  const random = createRandom(seed);
  const lanesAway = random.whole(1, 2);
  const lanesTowards = random.whole(1, 2);
  const laneM = random.between(3, 3.6);
  const parking = random.chance(0.5);
  const roadM = Math.max(lanesAway, lanesTowards) * laneM + (parking ? 2.3 : 0.3);
  const sidewalkM = random.between(2.6, 5);
  const crossingZ = random.chance(0.75) ? random.between(15, 32) : undefined;
  const x = random.between(-roadM - 2, roadM + 2);
  const camera: CameraPose = {
    x,
    heightM: random.between(3.6, 7.2),
    yawRad: Math.atan2(-x, 34) + random.between(-0.12, 0.12),
    focal: random.between(0.72, 1.15),
    horizon: random.between(0.2, 0.4),
  };
  const sunAngle = random.between(0, Math.PI * 2);
  const overcast = random.chance(0.4);
  const warm = random.chance(0.3) ? random.between(0, 0.14) : 0;
  const gain = random.between(0.82, 1.06);
  const grey = random.between(-16, 18);
  const skies: readonly (readonly [Colour, Colour])[] = overcast
    ? [
        [
          [168, 176, 186],
          [206, 210, 214],
        ],
        [
          [140, 150, 162],
          [190, 196, 202],
        ],
        [
          [196, 202, 208],
          [222, 224, 226],
        ],
      ]
    : [
        [
          [72, 128, 196],
          [190, 212, 232],
        ],
        [
          [96, 152, 214],
          [212, 224, 234],
        ],
        [
          [108, 142, 190],
          [240, 206, 170],
        ],
      ];
  const [skyTop, skyLow] = random.pick(skies);
  return {
    seed,
    camera,
    lanesAway,
    lanesTowards,
    laneM,
    roadM,
    parking,
    sidewalkM,
    crossingZ,
    buildings: [...buildSide(random, -1, roadM + sidewalkM), ...buildSide(random, 1, roadM + sidewalkM)],
    props: furnish(random, roadM, sidewalkM, crossingZ),
    parked: parking ? parkCars(random, roadM, crossingZ) : [],
    asphalt: [96 + grey, 97 + grey, 101 + grey],
    pavement: random.pick([
      [168, 164, 156],
      [150, 148, 146],
      [182, 170, 152],
      [160, 142, 130],
    ] as Colour[]),
    verge: random.pick([
      [104, 128, 66],
      [126, 132, 74],
      [150, 140, 120],
      [92, 112, 62],
    ] as Colour[]),
    skyTop,
    skyLow,
    clouds: overcast ? random.between(0.5, 1) : random.between(0, 0.7),
    daylight: [gain * (1 + warm), gain, gain * (1 - warm)],
    sun: overcast ? random.between(0, 0.2) : random.between(0.5, 1),
    sunX: Math.cos(sunAngle),
    sunZ: Math.sin(sunAngle),
    busyness: random.between(0.5, 1.4),
  };
}

function buildSide(random: Random, side: 1 | -1, edgeM: number): Building[] {
  const buildings: Building[] = [];
  const suburb = random.chance(0.3);
  let z = random.between(-14, -4);
  while (z < 130) {
    const length = suburb ? random.between(8, 14) : random.between(9, 26);
    const setback = suburb ? random.between(1.5, 7) : random.chance(0.3) ? random.between(0.3, 3) : 0;
    const near = side * (edgeM + setback);
    const far = near + side * random.between(9, 16);
    buildings.push({
      x0: Math.min(near, far),
      x1: Math.max(near, far),
      z0: z,
      z1: z + length,
      heightM: suburb ? random.between(5, 9) : random.between(8, 30),
      wall: random.pick(walls),
      trim: random.chance(0.6) ? [236, 232, 224] : [70, 66, 64],
      shop: random.pick(shops),
      storeyM: random.between(2.9, 3.8),
      windowM: random.between(1.7, 3.4),
      glass: random.between(0.4, 0.72),
      brick: random.chance(0.4),
      seed: Math.floor(random.next() * 1e9),
    });
    z += length + (suburb || random.chance(0.18) ? random.between(2, 9) : 0);
  }
  return buildings;
}

function furnish(random: Random, roadM: number, sidewalkM: number, crossingZ: number | undefined): Prop[] {
  const props: Prop[] = [];
  const kerb = roadM + 0.7;
  const seed = (): number => Math.floor(random.next() * 1e9);
  if (crossingZ !== undefined && random.chance(0.8)) {
    const overhead = random.chance(0.35) ? roadM * 0.75 : 0;
    const zAway = crossingZ - 0.8;
    const zTowards = crossingZ + crossingM + 0.8;
    // Lights for those who drive away stand beyond the crossing too, as in much of the world.
    props.push({
      kind: 'light',
      forVehicles: true,
      overhead,
      x: kerb,
      z: zTowards,
      heightM: overhead > 0 ? 5.2 : 3.3,
      face: 1,
      seed: seed(),
    });
    props.push({
      kind: 'light',
      forVehicles: true,
      overhead: 0,
      x: -kerb,
      z: zAway,
      heightM: 3.3,
      face: -1,
      seed: seed(),
    });
    if (random.chance(0.6))
      props.push({
        kind: 'light',
        forVehicles: true,
        overhead: 0,
        x: -kerb,
        z: zTowards + 0.4,
        heightM: 3.3,
        face: 1,
        seed: seed(),
      });
    if (random.chance(0.5))
      props.push({
        kind: 'light',
        forVehicles: false,
        overhead: 0,
        x: kerb + 0.5,
        z: zTowards,
        heightM: 2.5,
        face: 1,
        seed: seed(),
      });
  }
  const shapes: readonly SignShape[] = ['stop', 'round', 'blue', 'triangle', 'square', 'priority'];
  for (let i = random.whole(1, 4); i > 0; i--) {
    const side = random.chance(0.5) ? 1 : -1;
    props.push({
      kind: 'sign',
      shape: random.pick(shapes),
      glyph: random.whole(0, 4),
      x: side * (kerb + random.between(0, 0.5)),
      z: random.between(9, 34),
      heightM: random.between(2.1, 2.9),
      face: random.chance(0.8) ? 1 : -1,
      seed: seed(),
    });
  }
  for (const side of [1, -1]) {
    const treeEvery = random.chance(0.6) ? random.between(7, 16) : 0;
    if (treeEvery > 0) {
      const leaf = random.pick(leaves);
      for (let z = random.between(15, 24); z < 100; z += treeEvery * random.between(0.8, 1.3)) {
        if (crossingZ !== undefined && Math.abs(z - crossingZ - 1) < 3.5) continue;
        props.push({
          kind: 'tree',
          crownM: random.between(1.3, 2.3),
          leaf,
          x: side * (kerb + 0.5),
          z,
          heightM: random.between(4.2, 7),
          face: 1,
          seed: seed(),
        });
      }
    }
    const lampEvery = random.between(18, 30);
    for (let z = random.between(10, 26); z < 100; z += lampEvery)
      props.push({
        kind: 'lamp',
        towards: -side,
        x: side * (kerb + 0.1),
        z,
        heightM: random.between(5.5, 8),
        face: 1,
        seed: seed(),
      });
    for (let i = random.whole(0, 5); i > 0; i--) {
      const kind = random.pick(['bin', 'bollard', 'bush'] as const);
      const at = kind === 'bush' ? roadM + sidewalkM - 0.4 : kerb + random.between(0, 0.4);
      props.push({
        kind,
        x: side * at,
        z: random.between(8, 50),
        heightM: random.between(0.8, 1.1),
        face: 1,
        seed: seed(),
      });
    }
  }
  return props;
}

function parkCars(random: Random, roadM: number, crossingZ: number | undefined): ParkedCar[] {
  const parked: ParkedCar[] = [];
  const share = random.between(0.15, 0.7);
  for (const side of [1, -1] as const)
    for (let z = random.between(6, 12); z < 75; z += random.between(5.6, 7)) {
      if (crossingZ !== undefined && z > crossingZ - 6 && z < crossingZ + crossingM + 5) continue;
      if (random.chance(share))
        parked.push({ x: side * (roadM - 1.1), z, direction: side, seed: Math.floor(random.next() * 1e9) });
    }
  return parked;
}
