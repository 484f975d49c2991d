import { createRandom } from './random.ts';
import { crossingM, type Scene } from './scene.ts';
import { mayCross } from './traffic.ts';

export interface Walker {
  readonly id: number;
  readonly seed: number;
  x: number;
  z: number;
  /** Direction over the ground, length 1. */
  headingX: number;
  headingZ: number;
  /** Metres walked; the phase of the legs. */
  walked: number;
  standing: boolean;
}

interface Journey extends Walker {
  readonly speed: number;
  readonly points: readonly (readonly [number, number])[];
  /** Index of the point where it waits for the lights, or -1. */
  readonly waitAt: number;
  target: number;
  px: number;
  pz: number;
  pWalked: number;
}

export interface Walkers {
  step(timeS: number, dtS: number, density: number): void;
  walkers(share: number): Walker[];
}

export const walkEndM = 72;

/** Pedestrians on both sidewalks; some of them cross at the zebra when their light is green. */
export function createWalkers(scene: Scene, nextId: () => number): Walkers {
  const random = createRandom(scene.seed ^ 0x3a1d);
  let present: Journey[] = [];
  let nextIn = random.between(0, 2);

  function enter(): void {
    const side = random.chance(0.5) ? 1 : -1;
    const offset = (): number => scene.roadM + random.between(1.1, Math.max(1.4, scene.sidewalkM - 0.5));
    const x = side * offset();
    const fromNear = random.chance(0.5);
    const start: [number, number] = [x, fromNear ? 2 : walkEndM];
    const crossing = scene.crossingZ;
    const points: [number, number][] = [start];
    let waitAt = -1;
    if (crossing !== undefined && random.chance(0.45)) {
      const z = crossing + random.between(0.4, crossingM - 0.4);
      const end = -side * offset();
      points.push([x, z], [side * (scene.roadM + 0.5), z], [-side * (scene.roadM + 0.6), z], [end, z]);
      points.push([end, random.chance(0.5) ? walkEndM : 2]);
      waitAt = 2;
    } else points.push([x, fromNear ? walkEndM : 2]);
    const walker: Journey = {
      id: nextId(),
      seed: Math.floor(random.next() * 1e9),
      x: start[0],
      z: start[1],
      headingX: 0,
      headingZ: fromNear ? 1 : -1,
      walked: random.between(0, 3),
      standing: false,
      speed: random.between(0.9, 1.7),
      points,
      waitAt,
      target: 1,
      px: start[0],
      pz: start[1],
      pWalked: 0,
    };
    walker.pWalked = walker.walked;
    present.push(walker);
    // Friends walk beside each other.
    if (waitAt < 0 && random.chance(0.2)) {
      const beside = x + side * 0.65;
      if (Math.abs(beside) < scene.roadM + scene.sidewalkM - 0.2)
        present.push({
          ...walker,
          id: nextId(),
          seed: Math.floor(random.next() * 1e9),
          walked: random.between(0, 3),
          x: beside,
          px: beside,
          points: points.map(([, z]) => [beside, z] as const),
        });
    }
  }

  return {
    step(timeS, dtS, density) {
      nextIn -= dtS * density * scene.busyness;
      if (nextIn <= 0) {
        enter();
        nextIn = 0.5 - Math.log(1 - random.next()) * 6;
      }
      for (const walker of present) advance(walker, scene, timeS, dtS);
      present = present.filter((walker) => walker.target < walker.points.length);
    },
    walkers(share) {
      return present.map((journey) => ({
        id: journey.id,
        seed: journey.seed,
        x: journey.px + (journey.x - journey.px) * share,
        z: journey.pz + (journey.z - journey.pz) * share,
        headingX: journey.headingX,
        headingZ: journey.headingZ,
        walked: journey.pWalked + (journey.walked - journey.pWalked) * share,
        standing: journey.standing,
      }));
    },
  };
}

function advance(walker: Journey, scene: Scene, timeS: number, dtS: number): void {
  walker.px = walker.x;
  walker.pz = walker.z;
  walker.pWalked = walker.walked;
  const goal = walker.points[walker.target];
  if (goal === undefined) return;
  const dx = goal[0] - walker.x;
  const dz = goal[1] - walker.z;
  const left = Math.hypot(dx, dz);
  const waits = walker.target === walker.waitAt + 1 && walker.waitAt > 0;
  walker.standing = waits && left > scene.roadM * 2 + 0.6 && !mayCross(scene, timeS);
  if (walker.standing) return;
  // Crossing is brisk: the way is over before the cars have green again.
  const speed = waits ? Math.max(walker.speed, (scene.roadM * 2 + 1.2) / 7.5) : walker.speed;
  const pace = Math.min(left, speed * dtS);
  if (left > 1e-6) {
    walker.headingX = dx / left;
    walker.headingZ = dz / left;
    walker.x += walker.headingX * pace;
    walker.z += walker.headingZ * pace;
  }
  walker.walked += pace;
  if (left - pace < 1e-6) walker.target += 1;
}
