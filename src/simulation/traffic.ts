import { createRandom, type Random } from './random.ts';
import { crossingM, type Scene, streetEndM } from './scene.ts';

export type VehicleKind = 'car' | 'truck';

export interface Vehicle {
  readonly id: number;
  readonly kind: VehicleKind;
  readonly seed: number;
  readonly x: number;
  /** +1 drives away from the camera. */
  readonly direction: 1 | -1;
  readonly lengthM: number;
  /** Middle of the vehicle along the street, metres, at the time asked for. */
  z: number;
  speed: number;
  braking: boolean;
}

interface Driver extends Vehicle {
  /** Way of the front bumper since the lane's begin, now and one step earlier. */
  way: number;
  before: number;
  readonly desiredSpeed: number;
}

interface Lane {
  readonly x: number;
  readonly direction: 1 | -1;
  readonly stopAt: number | undefined;
  readonly drivers: Driver[];
  nextIn: number;
}

const behindM = 14;
const laneLengthM = streetEndM + behindM * 2;

/** `green` for vehicles, then `amber`, then `red` while pedestrians cross. */
export type Phase = 'green' | 'amber' | 'red';
const cycleS = 34;

/** State of the crossing's lights at a time; vehicles have green for 18 s of 34. */
export function phaseAt(scene: Scene, timeS: number): Phase {
  if (scene.crossingZ === undefined) return 'green';
  const t = (((timeS + (scene.seed % 31)) % cycleS) + cycleS) % cycleS;
  return t < 18 ? 'green' : t < 20.5 ? 'amber' : 'red';
}

/** Pedestrians start only in the first part of red, so that they are over before the cars go. */
export function mayCross(scene: Scene, timeS: number): boolean {
  const t = (((timeS + (scene.seed % 31)) % cycleS) + cycleS) % cycleS;
  return scene.crossingZ !== undefined && t > 21.5 && t < 26;
}

export interface Traffic {
  step(timeS: number, dtS: number, density: number): void;
  /** Vehicles between the last two steps, `share` 0..1 of the way. */
  vehicles(share: number): Vehicle[];
}

/** Vehicles that follow each other by the intelligent driver model (Treiber, Hennecke, Helbing 2000). */
export function createTraffic(scene: Scene, nextId: () => number): Traffic {
  const random = createRandom(scene.seed ^ 0x7a11);
  const lanes: Lane[] = [];
  for (let i = 0; i < scene.lanesAway; i++)
    lanes.push(lane((i + 0.5) * scene.laneM, 1, stopLine(scene, 1), random));
  for (let i = 0; i < scene.lanesTowards; i++)
    lanes.push(lane(-(i + 0.5) * scene.laneM, -1, stopLine(scene, -1), random));

  function enter(target: Lane): void {
    const kind: VehicleKind = random.chance(0.2) ? 'truck' : 'car';
    const lengthM = kind === 'truck' ? random.between(6, 9.5) : random.between(3.7, 4.9);
    const last = target.drivers.at(-1);
    const room = last === undefined ? Number.POSITIVE_INFINITY : last.way - last.lengthM;
    if (room < 5) return;
    const desiredSpeed = random.between(kind === 'truck' ? 7 : 8, kind === 'truck' ? 11 : 14);
    const speed = Math.min(
      desiredSpeed,
      last === undefined ? desiredSpeed : Math.max(last.speed, Math.min(6, room / 4)),
    );
    target.drivers.push({
      id: nextId(),
      kind,
      seed: Math.floor(random.next() * 1e9),
      x: target.x + random.between(-0.25, 0.25),
      direction: target.direction,
      lengthM,
      z: 0,
      speed,
      braking: false,
      way: 0,
      before: 0,
      desiredSpeed,
    });
  }

  return {
    step(timeS, dtS, density) {
      const phase = phaseAt(scene, timeS);
      for (const target of lanes) {
        target.nextIn -= dtS * density * scene.busyness;
        if (target.nextIn <= 0) {
          enter(target);
          target.nextIn = 0.8 - Math.log(1 - random.next()) * 5;
        }
        for (const [index, driver] of target.drivers.entries()) {
          const leader = target.drivers[index - 1];
          let acceleration = follow(
            driver,
            leader?.speed,
            leader && leader.way - leader.lengthM - driver.way,
          );
          if (phase !== 'green' && target.stopAt !== undefined) {
            const gap = target.stopAt - driver.way;
            const canStop = gap > 0 && (driver.speed * driver.speed) / (2 * gap) < 4.5;
            if (canStop) acceleration = Math.min(acceleration, follow(driver, 0, gap + 1.4));
          }
          driver.before = driver.way;
          driver.braking = acceleration < -0.6 || driver.speed < 0.2;
          driver.speed = Math.max(0, driver.speed + Math.max(-7, acceleration) * dtS);
          driver.way += driver.speed * dtS;
        }
        while (target.drivers[0] && target.drivers[0].way > laneLengthM) target.drivers.shift();
      }
    },
    vehicles(share) {
      return lanes.flatMap((target) =>
        target.drivers.map((driver) => {
          const front = driver.before + (driver.way - driver.before) * share;
          const middle = front - driver.lengthM / 2;
          driver.z = driver.direction > 0 ? middle - behindM : streetEndM + behindM - middle;
          return driver;
        }),
      );
    },
  };
}

function follow(driver: Driver, leaderSpeed: number | undefined, gapM: number | undefined): number {
  const free = 1 - (driver.speed / driver.desiredSpeed) ** 4;
  if (leaderSpeed === undefined || gapM === undefined) return 1.8 * free;
  const closing = driver.speed - leaderSpeed;
  const wanted =
    1.9 + Math.max(0, driver.speed * 1.1 + (driver.speed * closing) / (2 * Math.sqrt(1.8 * 2.5)));
  return 1.8 * (free - (wanted / Math.max(0.3, gapM)) ** 2);
}

function lane(x: number, direction: 1 | -1, stopAt: number | undefined, random: Random): Lane {
  return { x, direction, stopAt, drivers: [], nextIn: random.between(0, 4) };
}

function stopLine(scene: Scene, direction: 1 | -1): number | undefined {
  if (scene.crossingZ === undefined) return undefined;
  return direction > 0
    ? scene.crossingZ - 1.9 + behindM
    : streetEndM + behindM - (scene.crossingZ + crossingM + 1.9);
}
