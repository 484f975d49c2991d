import { describe, expect, it } from 'vitest';
import { createScene } from '../../../src/simulation/scene.ts';
import { createTraffic, phaseAt } from '../../../src/simulation/traffic.ts';
import { createWalkers } from '../../../src/simulation/walkers.ts';

function counter(): () => number {
  let next = 0;
  return () => next++;
}
const withCrossing = Array.from({ length: 40 }, (_, i) => createScene(i + 1)).filter(
  (scene) => scene.crossingZ !== undefined,
);

describe('vehicles', () => {
  it('never drive into each other, not even in rush hour', () => {
    for (const scene of withCrossing.slice(0, 8)) {
      const traffic = createTraffic(scene, counter());
      for (let step = 0; step < 1500; step++) {
        traffic.step(step / 10, 0.1, 3);
        const vehicles = traffic.vehicles(1);
        const collided = vehicles.some((a) =>
          vehicles.some(
            (b) =>
              a.id < b.id &&
              a.direction === b.direction &&
              Math.abs(a.x - b.x) < 1 &&
              Math.abs(a.z - b.z) <= (a.lengthM + b.lengthM) / 2,
          ),
        );
        expect(collided).toBe(false);
      }
    }
  });

  it('wait before the crossing while pedestrians have green', () => {
    for (const scene of withCrossing.slice(0, 8)) {
      const z = scene.crossingZ!;
      const traffic = createTraffic(scene, counter());
      let redSince = 0;
      for (let step = 0; step < 1500; step++) {
        const timeS = step / 10;
        traffic.step(timeS, 0.1, 2);
        redSince = phaseAt(scene, timeS) === 'red' ? redSince + 0.1 : 0;
        // Who could not stop at amber is through after two seconds.
        if (redSince < 2) continue;
        for (const vehicle of traffic.vehicles(1)) {
          const onIt = Math.abs(vehicle.z - (z + 1.7)) < 1.7 + vehicle.lengthM / 2;
          if (onIt) expect(vehicle.speed).toBeLessThan(0.5);
        }
      }
    }
  });

  it('brake and speed up no harder than tyres allow', () => {
    const traffic = createTraffic(withCrossing[0]!, counter());
    const before = new Map<number, number>();
    for (let step = 0; step < 1000; step++) {
      traffic.step(step / 10, 0.1, 2);
      for (const { id, speed } of traffic.vehicles(1)) {
        const was = before.get(id);
        if (was !== undefined) {
          expect(speed - was).toBeLessThan(0.25);
          expect(speed - was).toBeGreaterThan(-0.75);
        }
        before.set(id, speed);
      }
    }
  });
});

describe('pedestrians', () => {
  it('are on the road only while vehicles have red', () => {
    let crossed = 0;
    for (const scene of withCrossing.slice(0, 10)) {
      const walkers = createWalkers(scene, counter());
      for (let step = 0; step < 3000; step++) {
        const timeS = step / 10;
        walkers.step(timeS, 0.1, 2);
        for (const walker of walkers.walkers(1)) {
          if (Math.abs(walker.x) >= scene.roadM) continue;
          crossed++;
          expect(phaseAt(scene, timeS)).toBe('red');
        }
      }
    }
    expect(crossed).toBeGreaterThan(100);
  });

  it('walk at the pace of people', () => {
    const scene = withCrossing[1]!;
    const walkers = createWalkers(scene, counter());
    const before = new Map<number, readonly [number, number]>();
    for (let step = 0; step < 600; step++) {
      walkers.step(step / 10, 0.1, 2);
      for (const { id, x, z } of walkers.walkers(1)) {
        const was = before.get(id);
        if (was) expect(Math.hypot(x - was[0], z - was[1])).toBeLessThan(0.33);
        before.set(id, [x, z]);
      }
    }
  });
});
