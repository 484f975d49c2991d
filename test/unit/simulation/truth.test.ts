import { describe, expect, it } from 'vitest';
import { buildVehicle } from '../../../src/simulation/models/vehicle-mesh.ts';
import { paintVehicle } from '../../../src/simulation/models/vehicle-model.ts';
import { createBrush, type Light } from '../../../src/simulation/picture/brush.ts';
import { createCamera } from '../../../src/simulation/picture/camera.ts';
import { createCanvas } from '../../../src/simulation/picture/canvas.ts';
import { measureTruth } from '../../../src/simulation/truth.ts';

const width = 320;
const height = 180;
const camera = createCamera({ x: 0, heightM: 5, yawRad: 0, focal: 0.9, horizon: 0.3 }, width, height);
const light: Light = {
  ambient: [1, 1, 1],
  fogColour: [0, 0, 0],
  fogDensity: 0,
  darkness: 0,
  sun: 0,
  sunX: 1,
  sunZ: 0,
};
const mesh = buildVehicle('car', 4.4, 3);
const car = { mesh, x: 1, z: 18, direction: 1 as const, lengthM: 4.4, braking: false, parked: true };

function scene(paint: (brush: ReturnType<typeof createBrush>) => void) {
  const canvas = createCanvas(width, height);
  // Nothing that is painted is this green, so what changed is known without asking the owner plane.
  for (let i = 0; i < canvas.rgb.length; i += 3) canvas.rgb.set([1, 255, 1], i);
  paint(createBrush(canvas, camera, light));
  return canvas;
}

describe('truth', () => {
  it('bounds the pixels that the object painted', () => {
    const canvas = scene((brush) => {
      brush.object = 1;
      // Its shadow belongs to nobody and is painted away, so that only the body differs from green.
      paintVehicle(brush, car);
    });
    const [truth] = measureTruth(canvas, [{ id: 40, label: 'car', distanceM: 18 }]);
    expect(truth).toMatchObject({ id: 40, label: 'car', visibleFraction: 1 });
    let [x1, y1, x2, y2] = [width, height, 0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3;
        const [r, g, b] = canvas.rgb.subarray(at, at + 3);
        // A shadow dims green evenly; paint does not.
        if (g! - Math.max(r!, b!) > 50) continue;
        x1 = Math.min(x1, x);
        y1 = Math.min(y1, y);
        x2 = Math.max(x2, x + 1);
        y2 = Math.max(y2, y + 1);
      }
    expect(Math.abs(truth!.box.x1 - x1)).toBeLessThanOrEqual(1);
    expect(Math.abs(truth!.box.y1 - y1)).toBeLessThanOrEqual(1);
    expect(Math.abs(truth!.box.x2 - x2)).toBeLessThanOrEqual(1);
    expect(Math.abs(truth!.box.y2 - y2)).toBeLessThanOrEqual(1);
  });

  it('knows how much of an object another one hides, and shrinks its box to what is seen', () => {
    const alone = scene((brush) => {
      brush.object = 1;
      paintVehicle(brush, car);
    });
    const hidden = scene((brush) => {
      brush.object = 1;
      paintVehicle(brush, car);
      brush.object = 2;
      brush.face([1, 0, 14, 3, 0, 14, 3, 3, 14, 1, 3, 14], [200, 0, 0], 1);
    });
    const subjects = [
      { id: 1, label: 'car' as const, distanceM: 18 },
      { id: 2, label: 'truck' as const, distanceM: 14 },
    ];
    const before = measureTruth(alone, subjects)[0]!;
    const [after, cover] = measureTruth(hidden, subjects);
    expect(after!.visibleFraction).toBeLessThan(0.8);
    expect(after!.visibleFraction).toBeGreaterThan(0.3);
    expect(after!.box.x2).toBeLessThan(before.box.x2);
    expect(after!.box.x1).toBe(before.box.x1);
    expect(cover!.visibleFraction).toBe(1);
  });

  it('leaves out what is hidden almost wholly or too small to see', () => {
    const canvas = scene((brush) => {
      brush.object = 1;
      paintVehicle(brush, car);
      brush.object = 2;
      brush.face([-2, 0, 14, 4, 0, 14, 4, 3, 14, -2, 3, 14], [200, 0, 0], 1);
      brush.object = 3;
      brush.face([5, 2, 14, 5.1, 2, 14, 5.1, 2.1, 14, 5, 2.1, 14], [0, 0, 200], 1);
    });
    const found = measureTruth(canvas, [
      { id: 1, label: 'car', distanceM: 18 },
      { id: 2, label: 'truck', distanceM: 14 },
      { id: 3, label: 'traffic_sign', distanceM: 14 },
    ]);
    expect(found.map((t) => t.id)).toEqual([2]);
  });

  it('clips the box of a vehicle that leaves the picture', () => {
    const canvas = scene((brush) => {
      brush.object = 1;
      paintVehicle(brush, { ...car, x: 8.5 });
    });
    const [truth] = measureTruth(canvas, [{ id: 1, label: 'car', distanceM: 18 }]);
    expect(truth!.box.x2).toBe(width);
  });
});
