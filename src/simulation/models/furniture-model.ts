import type { Colour } from '../colour.ts';
import type { Brush } from '../picture/brush.ts';
import { createRandom } from '../random.ts';
import type { Prop } from '../scene.ts';
import type { Phase } from '../traffic.ts';

const steel: Colour = [112, 116, 120];

type SignProp = Extract<Prop, { kind: 'sign' }>;
type LightProp = Extract<Prop, { kind: 'light' }>;
type TreeProp = Extract<Prop, { kind: 'tree' }>;
type LampProp = Extract<Prop, { kind: 'lamp' }>;

/** Paints the pole as scenery and the part that counts (plate, signal head) as `object`. */
export function paintProp(brush: Brush, prop: Prop, object: number, phase: Phase): void {
  brush.object = 0;
  switch (prop.kind) {
    case 'sign':
      return void paintSign(brush, prop, object);
    case 'light':
      return void paintSignal(brush, prop, object, phase);
    case 'tree':
      return void paintTree(brush, prop);
    case 'lamp':
      return void paintLamp(brush, prop);
    case 'bin':
      brush.limb([prop.x, 0.1, prop.z], [prop.x, 0.85, prop.z], [0.24, 0.27], [62, 84, 70]);
      return void brush.limb([prop.x, 0.9, prop.z], [prop.x, 0.92, prop.z], [0.28, 0.28], [44, 60, 50]);
    case 'bollard':
      brush.limb([prop.x, 0.05, prop.z], [prop.x, 0.85, prop.z], [0.08, 0.08], [60, 62, 66]);
      return void brush.limb([prop.x, 0.7, prop.z], [prop.x, 0.74, prop.z], [0.085, 0.085], [220, 220, 214]);
    case 'bush': {
      const random = createRandom(prop.seed);
      for (let i = 0; i < 9; i++) {
        const tone = random.between(0.75, 1.15);
        const centre = [
          prop.x + random.between(-0.5, 0.5),
          random.between(0.3, 0.8),
          prop.z + random.between(-0.4, 0.4),
        ];
        brush.disc(centre, random.between(0.25, 0.4), 0.3, [72 * tone, 108 * tone, 56 * tone]);
      }
    }
  }
}

/** Points of a plate that stands across the street, seen from the side it faces. */
function plate(prop: Prop, up: number, ring: readonly (readonly [number, number])[]): number[] {
  return ring.flatMap(([right, rise]) => [prop.x + right, up + rise, prop.z - prop.face * 0.06]);
}

function polygon(sides: number, radius: number, turn: number): [number, number][] {
  return Array.from({ length: sides }, (_, i) => {
    const angle = turn + (i * Math.PI * 2) / sides;
    return [Math.cos(angle) * radius, Math.sin(angle) * radius];
  });
}

function bar(width: number, height: number, x = 0, y = 0): [number, number][] {
  return [
    [x - width / 2, y - height / 2],
    [x + width / 2, y - height / 2],
    [x + width / 2, y + height / 2],
    [x - width / 2, y + height / 2],
  ];
}

function paintSign(brush: Brush, prop: SignProp, object: number): void {
  const up = prop.heightM;
  brush.limb([prop.x, 0, prop.z], [prop.x, up + 0.3, prop.z], [0.035, 0.035], steel);
  brush.object = object;
  const put = (ring: [number, number][], colour: Colour, shade = 1): void =>
    brush.face(plate(prop, up, ring), colour, shade);
  if (prop.face < 0) {
    // The back of a sign is bare metal, and it is still a sign.
    const sides =
      prop.shape === 'triangle' ? 3 : prop.shape === 'square' || prop.shape === 'priority' ? 4 : 14;
    return void put(polygon(sides, 0.42, sides === 3 ? Math.PI / 2 : Math.PI / 4), [148, 150, 152]);
  }
  const red: Colour = [200, 28, 36];
  const white: Colour = [238, 238, 234];
  const blue: Colour = [24, 84, 170];
  const black: Colour = [28, 28, 30];
  const glyph = (colour: Colour): void => {
    if (prop.glyph === 0) put(bar(0.34, 0.1), colour);
    else if (prop.glyph === 1) put(bar(0.1, 0.34), colour);
    else if (prop.glyph === 2) {
      put(bar(0.09, 0.26, -0.1, 0), colour);
      put(bar(0.15, 0.26, 0.09, 0), colour);
    } else if (prop.glyph === 3) {
      put(polygon(3, 0.18, Math.PI / 2), colour);
      put(bar(0.08, 0.22, 0, -0.1), colour);
    } else put(polygon(10, 0.13, 0), colour);
  };
  switch (prop.shape) {
    case 'stop':
      put(polygon(8, 0.45, Math.PI / 8), white);
      put(polygon(8, 0.41, Math.PI / 8), red);
      return void put(bar(0.52, 0.13), white);
    case 'round':
      put(polygon(16, 0.42, 0), red);
      put(polygon(16, 0.31, 0), white);
      return void glyph(black);
    case 'blue':
      put(polygon(16, 0.42, 0), white);
      put(polygon(16, 0.39, 0), blue);
      return void glyph(white);
    case 'triangle':
      put(polygon(3, 0.52, Math.PI / 2), red);
      put(polygon(3, 0.34, Math.PI / 2), white);
      return void put(bar(0.07, 0.18, 0, -0.02), black);
    case 'square':
      put(bar(0.74, 0.74), white);
      put(bar(0.68, 0.68), blue);
      put(polygon(3, 0.26, Math.PI / 2), white);
      return void put(bar(0.1, 0.2, 0, -0.08), black);
    case 'priority':
      put(polygon(4, 0.5, 0), white);
      return void put(polygon(4, 0.34, 0), [240, 190, 30]);
  }
}

function paintSignal(brush: Brush, prop: LightProp, object: number, phase: Phase): void {
  const { heightM, face } = prop;
  const side = prop.x > 0 ? -1 : 1;
  const headX = prop.x + side * prop.overhead;
  brush.limb(
    [prop.x, 0, prop.z],
    [prop.x, heightM + (prop.overhead > 0 ? 0.6 : 0.1), prop.z],
    [0.07, 0.06],
    [74, 78, 80],
  );
  if (prop.overhead > 0)
    brush.limb([prop.x, heightM + 0.5, prop.z], [headX, heightM + 0.5, prop.z], [0.06, 0.05], [74, 78, 80]);
  brush.object = object;
  const size = prop.forVehicles ? 1 : 0.8;
  const tall = (prop.forVehicles ? 1.02 : 0.66) * size;
  const half = 0.19 * size;
  const top = heightM + 0.1;
  const box = (x0: number, x1: number, y0: number, y1: number, z: number): number[] => [
    x0,
    y0,
    z,
    x1,
    y0,
    z,
    x1,
    y1,
    z,
    x0,
    y1,
    z,
  ];
  brush.face(box(headX - half, headX + half, top - tall, top, prop.z - face * 0.1), [34, 36, 38], 1);
  if (face < 0) return;
  const count = prop.forVehicles ? 3 : 2;
  const lit = prop.forVehicles ? { red: 0, amber: 1, green: 2 }[phase] : phase === 'red' ? 1 : 0;
  const colours: readonly Colour[] = prop.forVehicles
    ? [
        [255, 52, 40],
        [255, 184, 40],
        [60, 240, 120],
      ]
    : [
        [255, 52, 40],
        [60, 240, 120],
      ];
  for (let i = 0; i < count; i++) {
    const centre = [headX, top - (tall / count) * (i + 0.5), prop.z - face * 0.14];
    const colour = colours[i]!;
    if (i === lit) {
      brush.lamp(centre, 0.13 * size, colour);
      brush.disc(centre, 0.5, 0.5, colour, 0.15 + 0.25 * brush.light.darkness);
    } else
      brush.disc(centre, 0.12 * size, 0.12 * size, [colour[0] * 0.25, colour[1] * 0.22, colour[2] * 0.25]);
  }
}

function paintTree(brush: Brush, prop: TreeProp): void {
  const random = createRandom(prop.seed);
  const { x, z, heightM, crownM, leaf } = prop;
  const foot = heightM - crownM * 1.6;
  brush.limb([x, 0, z], [x + random.between(-0.15, 0.15), foot + 0.6, z], [0.17, 0.11], [92, 72, 54]);
  const clumps = 26;
  for (let i = 0; i < clumps; i++) {
    const rise = i / clumps;
    const angle = random.between(0, Math.PI * 2);
    const out = crownM * random.between(0.1, 0.72) * Math.sin(Math.PI * (0.2 + rise * 0.75));
    const tone =
      0.66 +
      0.4 * rise +
      random.between(-0.1, 0.1) +
      0.12 * brush.light.sun * Math.cos(angle) * brush.light.sunX;
    const size = crownM * random.between(0.28, 0.46);
    const centre = [x + Math.cos(angle) * out, foot + 0.3 + crownM * 1.5 * rise, z + Math.sin(angle) * out];
    brush.disc(centre, size, size * 0.82, [leaf[0] * tone, leaf[1] * tone, leaf[2] * tone]);
  }
}

function paintLamp(brush: Brush, prop: LampProp): void {
  const { x, z, heightM, towards } = prop;
  const ink: Colour = [88, 92, 96];
  brush.limb([x, 0, z], [x, heightM, z], [0.085, 0.055], ink);
  brush.limb([x, heightM, z], [x + towards * 1.4, heightM + 0.25, z], [0.05, 0.04], ink);
  const head = [x + towards * 1.5, heightM + 0.2, z];
  brush.limb([head[0]! - 0.25, head[1]!, z], [head[0]! + 0.25, head[1]!, z], [0.09, 0.07], ink);
  if (brush.light.darkness > 0.25) {
    brush.lamp([head[0]!, head[1]! - 0.08, z], 0.13, [255, 232, 180]);
    brush.disc(head, 1.8, 1.8, [255, 214, 140], 0.4 * brush.light.darkness);
  }
}
