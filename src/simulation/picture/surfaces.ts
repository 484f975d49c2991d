import { hash2, valueNoise } from '../random.ts';
import { type Building, crossingM, type Scene } from '../scene.ts';

/** Colour of one sample, 0..255, and how much of it shines by night. */
export interface Texel {
  r: number;
  g: number;
  b: number;
  shine: number;
}

export interface WallHit {
  readonly building: Building;
  readonly depth: number;
  /** Metres along the face that was hit. */
  readonly along: number;
  /** Is this the face to the street, or a gable? */
  readonly front: boolean;
  /** Brightness by the sun. */
  readonly shade: number;
}

/** Buildings that a ray over the ground meets, nearest first; the ray starts at (x, 0). */
export function buildingAt(scene: Scene, x: number, dx: number, dz: number): WallHit[] {
  const hits: WallHit[] = [];
  for (const building of scene.buildings) {
    const tx0 = (building.x0 - x) / dx;
    const tx1 = (building.x1 - x) / dx;
    const tz0 = building.z0 / dz;
    const tz1 = building.z1 / dz;
    const enterX = Math.min(tx0, tx1);
    const enterZ = Math.min(tz0, tz1);
    const depth = Math.max(enterX, enterZ);
    if (depth < 2 || depth > Math.min(Math.max(tx0, tx1), Math.max(tz0, tz1))) continue;
    const front = enterX > enterZ;
    const facingSun = front ? -Math.sign(dx) * scene.sunX : -Math.sign(dz) * scene.sunZ;
    hits.push({
      building,
      depth,
      along: front ? dz * depth - building.z0 : x + dx * depth - building.x0,
      front,
      shade: 0.9 + 0.16 * facingSun * scene.sun - (front ? 0 : 0.05),
    });
  }
  return hits.sort((a, b) => a.depth - b.depth);
}

function set(texel: Texel, r: number, g: number, b: number, factor: number): void {
  texel.r = r * factor;
  texel.g = g * factor;
  texel.b = b * factor;
}

export function facadeColour(scene: Scene, hit: WallHit, y: number, texel: Texel): void {
  const { building, along, depth } = hit;
  const seed = building.seed;
  texel.shine = 0;
  const grain = depth < 60 ? valueNoise(along * 1.3, y * 1.3, seed) * 0.1 - 0.05 : 0;
  let shade = hit.shade * (1 + grain) * (0.94 + 0.06 * Math.min(1, y / 3));
  const storey = Math.floor(y / building.storeyM);
  const inStorey = y / building.storeyM - storey;
  const column = Math.floor(along / building.windowM);
  const inColumn = along / building.windowM - column;
  const [wr, wg, wb] = building.wall;
  if (building.heightM - y < 0.5) return void set(texel, ...building.trim, shade * 0.92);
  if (storey === 0 && hit.front && building.heightM > 9) {
    // A shop front: fascia, glass, a door here and there.
    if (inStorey > 0.8) return void set(texel, ...building.shop, shade);
    if (inStorey > 0.12 && inColumn > 0.08 && inColumn < 0.95) {
      const inside = hash2(column, 7, seed);
      texel.shine = inside > 0.3 ? 150 : 30;
      const reflect = 0.5 + 0.3 * valueNoise(along * 0.7, y * 0.9, seed + 3);
      return void set(texel, 92 + inside * 60, 98 + inside * 44, 104 + inside * 36, reflect);
    }
    return void set(texel, wr, wg, wb, shade * 0.8);
  }
  const margin = (1 - building.glass) / 2;
  const windowed = hit.front || hash2(column, 3, seed) > 0.5;
  if (windowed && inColumn > margin && inColumn < 1 - margin && inStorey > 0.26 && inStorey < 0.84) {
    const frame = 0.06;
    const rim =
      inColumn < margin + frame ||
      inColumn > 1 - margin - frame ||
      inStorey < 0.3 ||
      inStorey > 0.8 ||
      Math.abs(inColumn - 0.5) < 0.018;
    if (rim) return void set(texel, ...building.trim, shade * 0.95);
    const pick = hash2(column, storey, seed);
    texel.shine = pick > 0.62 ? 110 + pick * 90 : 0;
    const glint = 0.35 + 0.4 * pick + 0.25 * valueNoise(along * 0.5, y * 0.5, seed + 11);
    if (pick < 0.25) return void set(texel, 204, 196, 180, shade * 0.8);
    return void set(
      texel,
      scene.skyTop[0] * 0.6 + 30,
      scene.skyTop[1] * 0.6 + 30,
      scene.skyTop[2] * 0.62 + 34,
      glint,
    );
  }
  if (building.brick && depth < 45) {
    const course = Math.floor(y * 8);
    if (y * 8 - course < 0.16) shade *= 0.9;
    shade *= 0.94 + 0.12 * hash2(Math.floor(along * 3 + (course & 1) * 0.5), course, seed);
  }
  if (inStorey < 0.05) shade *= 0.88;
  set(texel, wr, wg, wb, shade);
}

/** `pixelM` is the size of a sample over there, metres: fine texture fades before it flickers. */
export function groundColour(scene: Scene, x: number, z: number, pixelM: number, texel: Texel): void {
  const seed = scene.seed;
  const fine = Math.max(0, 1 - pixelM * 14);
  const ax = Math.abs(x);
  texel.shine = lampPool(scene, x, z);
  const coarse = valueNoise(x * 0.35, z * 0.22, seed) * 0.14 - 0.07;
  const grain = fine > 0 ? (hash2(Math.floor(x * 14), Math.floor(z * 14), seed) - 0.5) * 0.12 * fine : 0;
  let shade = (1 + coarse + grain) * (inShadow(scene, x, z) ? 1 - 0.36 * scene.sun : 1 + 0.06 * scene.sun);
  if (ax < scene.roadM) {
    // Wheel tracks are darker, old patches differ.
    const lane = (((x / scene.laneM) % 1) + 1) % 1;
    shade *= 1 - 0.05 * Math.abs(Math.cos(lane * Math.PI * 2));
    if (hash2(Math.floor(x / 2.5), Math.floor(z / 6), seed + 5) > 0.93) shade *= 0.86;
    const mark = roadMark(scene, x, z);
    if (mark > 0) {
      const worn = 0.75 + 0.25 * valueNoise(x * 3, z * 3, seed + 9);
      const white = 205 * mark * worn;
      const rest = 1 - mark * worn;
      const [r, g, b] = scene.asphalt;
      return void set(texel, white + r * rest, white + g * rest, white * 0.97 + b * rest, shade);
    }
    return void set(texel, ...scene.asphalt, shade);
  }
  if (ax < scene.roadM + 0.22)
    return void set(texel, 186, 184, 178, shade * (x * scene.camera.x > 0 ? 0.9 : 1));
  if (ax < scene.roadM + scene.sidewalkM) {
    const tx = ((ax - scene.roadM) / 0.8) % 1;
    const tz = (((z / 0.8) % 1) + 1) % 1;
    if (fine > 0.1 && (tx < 0.06 || tz < 0.06)) shade *= 1 - 0.16 * fine;
    shade *= 0.96 + 0.08 * hash2(Math.floor((ax - scene.roadM) / 0.8), Math.floor(z / 0.8), seed + 2) * fine;
    return void set(texel, ...scene.pavement, shade);
  }
  shade *= 0.85 + 0.3 * valueNoise(x * 2.2, z * 2.2, seed + 4);
  set(texel, ...scene.verge, shade);
}

function lampPool(scene: Scene, x: number, z: number): number {
  let pool = 0;
  for (const prop of scene.props) {
    if (prop.kind !== 'lamp') continue;
    const dx = x - prop.x - prop.towards * 1.4;
    const dz = z - prop.z;
    const near = 1 - (dx * dx + dz * dz) / 49;
    if (near > 0) pool += near * near * 150;
  }
  return Math.min(200, pool);
}

function inShadow(scene: Scene, x: number, z: number): boolean {
  if (scene.sun < 0.3) return false;
  for (const building of scene.buildings) {
    // The shadow of a block: walk from the point towards the sun as far as its roof reaches, and see whether it is met.
    const reach = building.heightM * 0.55;
    const sx = scene.sunX * reach;
    const sz = scene.sunZ * reach;
    if (Math.max(x, x + sx) < building.x0 || Math.min(x, x + sx) > building.x1) continue;
    if (Math.max(z, z + sz) < building.z0 || Math.min(z, z + sz) > building.z1) continue;
    for (const share of [0.25, 0.5, 0.75, 1]) {
      const px = x + sx * share;
      const pz = z + sz * share;
      if (px > building.x0 && px < building.x1 && pz > building.z0 && pz < building.z1) return true;
    }
  }
  return false;
}

/** Paint on the road, 0..1. */
function roadMark(scene: Scene, x: number, z: number): number {
  const { crossingZ, laneM, roadM } = scene;
  if (crossingZ !== undefined) {
    if (z > crossingZ && z < crossingZ + crossingM) return (((x / 1.1) % 1) + 1) % 1 < 0.5 ? 1 : 0;
    if (x > 0 && z > crossingZ - 1.6 && z < crossingZ - 1.2) return 1;
    if (x < 0 && z > crossingZ + crossingM + 1.2 && z < crossingZ + crossingM + 1.6) return 1;
    if (z > crossingZ - 1.2 && z < crossingZ + crossingM + 1.2) return 0;
  }
  if (Math.abs(x) < 0.08) return 1;
  const lanes = x > 0 ? scene.lanesAway : scene.lanesTowards;
  const edge = lanes * laneM;
  const ax = Math.abs(x);
  if (scene.parking && Math.abs(ax - (roadM - 2.2)) < 0.06) return ((z % 6) + 6) % 6 < 0.4 ? 1 : 0.7;
  if (lanes > 1 && Math.abs(ax - laneM) < 0.07 && ax < edge) return ((z % 6) + 6) % 6 < 2.6 ? 1 : 0;
  return 0;
}

/** `angle` around the horizon, radians; `rise` above it over the focal length. */
export function skyColour(scene: Scene, angle: number, rise: number, texel: Texel): void {
  const t = Math.min(1, rise / 0.45);
  const [tr, tg, tb] = scene.skyTop;
  const [lr, lg, lb] = scene.skyLow;
  // A far skyline hides the end of the street.
  const roof =
    0.035 +
    0.05 * hash2(Math.floor(angle * 34), 1, scene.seed) +
    0.03 * hash2(Math.floor(angle * 90), 2, scene.seed);
  texel.shine = 0;
  if (rise < roof) {
    const tone = 0.62 + 0.12 * hash2(Math.floor(angle * 34), 3, scene.seed);
    texel.shine = hash2(Math.floor(angle * 500), Math.floor(rise * 420), scene.seed) > 0.82 ? 120 : 0;
    return void set(texel, lr * 0.8 + 16, lg * 0.8 + 20, lb * 0.8 + 26, tone);
  }
  const puff =
    valueNoise(angle * 6, rise * 14, scene.seed) * 0.6 +
    valueNoise(angle * 17, rise * 34, scene.seed + 1) * 0.4;
  const cloud = Math.max(0, Math.min(1, (puff - 1 + scene.clouds * 0.8) * 4)) * Math.min(1, rise * 8);
  const r = lr + (tr - lr) * t;
  const g = lg + (tg - lg) * t;
  const b = lb + (tb - lb) * t;
  set(texel, r + (236 - r) * cloud * 0.8, g + (238 - g) * cloud * 0.8, b + (242 - b) * cloud * 0.8, 1);
}
