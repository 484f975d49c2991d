import type { Colour } from '../colour.ts';
import type { Brush } from '../picture/brush.ts';
import { createRandom } from '../random.ts';
import type { Walker } from '../walkers.ts';

const skins: readonly Colour[] = [
  [236, 190, 160],
  [206, 152, 116],
  [150, 102, 74],
  [96, 66, 50],
  [226, 176, 140],
];
const coats: readonly Colour[] = [
  [186, 48, 52],
  [48, 84, 152],
  [58, 62, 70],
  [222, 216, 204],
  [214, 164, 56],
  [70, 122, 84],
  [120, 72, 130],
  [30, 32, 38],
  [126, 96, 70],
  [232, 120, 80],
  [96, 154, 176],
  [170, 172, 176],
];
const trousers: readonly Colour[] = [
  [42, 48, 70],
  [36, 36, 40],
  [96, 90, 80],
  [70, 84, 116],
  [130, 112, 84],
];
const hairs: readonly Colour[] = [
  [40, 30, 24],
  [90, 62, 36],
  [176, 138, 78],
  [130, 130, 130],
  [24, 22, 24],
  [150, 74, 40],
];
const umbrellas: readonly Colour[] = [
  [180, 36, 48],
  [36, 60, 120],
  [30, 30, 34],
  [220, 190, 60],
  [80, 140, 120],
];

/** Paints a person from limbs that swing with the metres walked; the body looks along its heading. */
export function paintPedestrian(brush: Brush, walker: Walker, rain: number): void {
  const random = createRandom(walker.seed);
  const tallM = random.between(1.5, 1.9) * (random.chance(0.1) ? 0.72 : 1);
  const girth = random.between(0.9, 1.25);
  const skin = random.pick(skins);
  const coat = random.pick(coats);
  const legs = random.pick(trousers);
  const hair = random.pick(hairs);
  const skirt = random.chance(0.18);
  const pack = random.chance(0.25);
  const umbrella = random.chance(Math.min(0.7, rain * 0.25));
  const umbrellaInk = random.pick(umbrellas);
  const { headingX, headingZ } = walker;
  // Right-hand side of the walker over the ground.
  const rightX = headingZ;
  const rightZ = -headingX;
  const scale = tallM / 1.75;
  const at = (ahead: number, right: number, up: number): number[] => [
    walker.x + (headingX * ahead + rightX * right) * scale,
    up * scale,
    walker.z + (headingZ * ahead + rightZ * right) * scale,
  ];
  const swing = walker.standing ? 0.05 : Math.sin((walker.walked / scale) * 4.4);
  const lift = walker.standing ? 0 : Math.abs(Math.cos((walker.walked / scale) * 4.4)) * 0.03;
  const object = brush.object;
  brush.object = 0;
  const shade: number[] = [];
  const lean = 0.9 * brush.light.sun;
  const sx = -brush.light.sunX * lean;
  const sz = -brush.light.sunZ * lean;
  for (let i = 0; i < 8; i++) {
    const c = Math.cos((i * Math.PI) / 4);
    const n = Math.sin((i * Math.PI) / 4);
    shade.push(
      walker.x + c * 0.28 + (c * sx > 0 || n * sz > 0 ? sx : 0),
      0.01,
      walker.z + n * 0.28 + (c * sx > 0 || n * sz > 0 ? sz : 0),
    );
  }
  brush.face(shade, [16, 16, 20], 1, 0.3);
  brush.object = object;

  const dim = (colour: Colour, factor: number): Colour => [
    colour[0] * factor,
    colour[1] * factor,
    colour[2] * factor,
  ];
  const leg = (side: 1 | -1): void => {
    const reach = swing * side * 0.3;
    const tone = dim(legs, side * (rightX * walker.x + rightZ * walker.z) > 0 ? 0.8 : 1);
    const hip = at(0, side * 0.09, 0.88 + lift);
    const knee = at(reach * 0.55 + 0.05, side * 0.1, 0.48);
    const foot = at(reach - Math.max(0, -reach * side) * 0.1, side * 0.1, 0.07 + Math.max(0, -reach) * 0.25);
    const calf = skirt ? skin : tone;
    brush.limb(hip, knee, [0.09 * girth * scale, 0.075 * scale], tone);
    brush.limb(knee, foot, [0.07 * scale, 0.055 * scale], calf);
    brush.limb(
      foot,
      [foot[0]! + headingX * 0.13, foot[1]! - 0.02, foot[2]! + headingZ * 0.13],
      [0.05, 0.045],
      [34, 30, 30],
    );
  };
  const arm = (side: 1 | -1): void => {
    const reach = -swing * side * 0.26;
    const shoulder = at(0, side * 0.22 * girth, 1.42 + lift);
    const elbow = at(reach * 0.5 - 0.02, side * 0.26 * girth, 1.14);
    const hand = umbrella && side > 0 ? at(0.16, 0.16, 1.25) : at(reach + 0.06, side * 0.25 * girth, 0.9);
    brush.limb(shoulder, elbow, [0.062 * scale, 0.055 * scale], dim(coat, 0.86));
    brush.limb(elbow, hand, [0.055 * scale, 0.045 * scale], dim(coat, 0.9));
    brush.limb(hand, hand, [0.05 * scale, 0.05 * scale], skin);
  };
  // The arm on the far side goes first.
  const away = (rightX * (walker.x - brush.camera.x) + rightZ * walker.z > 0 ? 1 : -1) as 1 | -1;
  const near = -away as 1 | -1;
  arm(away);
  leg(away);
  leg(near);
  if (skirt) brush.limb(at(0, 0, 1), at(0, 0, 0.62), [0.14 * girth * scale, 0.2 * scale], dim(coat, 0.75));
  for (const side of [-1, 0, 1])
    brush.limb(
      at(0, side * 0.1 * girth, 1.4 + lift),
      at(0, side * 0.075 * girth, 0.92 + lift),
      [0.115 * girth * scale, 0.105 * girth * scale],
      side === away ? dim(coat, 0.88) : coat,
    );
  if (pack)
    brush.limb(
      at(-0.16, 0, 1.36 + lift),
      at(-0.16, 0, 1.1 + lift),
      [0.13 * scale, 0.14 * scale],
      random.pick(coats),
    );
  arm(near);
  brush.limb(
    at(0.01, 0, 1.5 + lift),
    at(0.01, 0, 1.56 + lift),
    [0.055 * scale, 0.055 * scale],
    dim(skin, 0.88),
  );
  brush.disc(at(0.02, 0, 1.65 + lift), 0.1 * scale, 0.125 * scale, skin);
  const back = headingZ > 0 ? 0.02 : -0.05;
  brush.disc(
    at(-0.02, 0, 1.69 + lift + back * 0.4),
    0.105 * scale,
    (headingZ > 0 ? 0.11 : 0.07) * scale,
    hair,
  );
  if (umbrella) {
    brush.limb(at(0.16, 0.16, 1.2), at(0.1, 0.1, 2), [0.012, 0.012], [60, 60, 60]);
    const dome: number[] = [];
    for (let i = 0; i <= 8; i++) {
      const angle = (i * Math.PI) / 8;
      dome.push(
        walker.x - 0.55 * Math.cos(angle) * brush.camera.cos,
        (1.86 + 0.3 * Math.sin(angle)) * scale,
        walker.z + 0.55 * Math.cos(angle) * brush.camera.sin,
      );
    }
    brush.face(dome, umbrellaInk, 1);
  }
}
