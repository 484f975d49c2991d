import { describe, expect, it } from 'vitest';
import { BoxGrip } from '../../../../src/drift/signals/box-grip.ts';
import { TrackSpeed } from '../../../../src/drift/signals/track-speed.ts';
import { type PerceptionResult, thumbnailHeight, thumbnailWidth } from '../../../../src/perception/index.ts';
import { ToyCamera } from '../toy-camera.ts';

const result: PerceptionResult = new ToyCamera(1).next().result;
const [width, height] = [640, 360];

/** A patterned square of eight cells that walks to the right, and a box that is `off` of its size beside it. */
function grip(off: number): number {
  const boxes = new BoxGrip();
  for (let step = 0; step < 10; step++) {
    const grey = new Uint8Array(thumbnailWidth * thumbnailHeight).fill(90);
    // Its texture goes with it, so that all of it moves.
    for (let y = 14; y < 22; y++)
      for (let x = 0; x < 8; x++) grey[y * thumbnailWidth + x + 10 + step] = 100 + 37 * ((7 * x + 3 * y) % 5);
    const x1 = (10 + step + 8 * off) * 10;
    const box = { x1, y1: 140, x2: x1 + 80, y2: 220 };
    boxes.add(grey, {
      ...result,
      width,
      height,
      detections: [{ classId: 0, label: 'car', score: 0.8, box }],
    });
  }
  return boxes.tick();
}

describe('The grip of boxes on what moves', () => {
  it('is high where they hold it, and falls as they are shifted', () => {
    const grips = [0, 0.3, 0.6, 1].map(grip);
    expect(grips[0]).toBeGreaterThan(0.65);
    expect(grips).toEqual(grips.toSorted((a, b) => b - a));
    expect(grips[3]).toBeLessThan(0.5);
  });

  it('has no value without motion, or without a trusted box', () => {
    expect(new BoxGrip().tick()).toBeNaN();
    const boxes = new BoxGrip();
    const box = { x1: Number.NaN, y1: 0, x2: 10, y2: 10 };
    for (const level of [0, 255])
      boxes.add(new Uint8Array(thumbnailWidth * thumbnailHeight).fill(level), {
        ...result,
        detections: [{ classId: 0, label: 'car', score: 0.1, box }],
      });
    expect(boxes.tick()).toBeNaN();
  });
});

describe('The speed of tracks', () => {
  const run = (speed: number, jitter: number): number => {
    const tracks = new TrackSpeed();
    for (let frame = 0; frame <= 20; frame++) {
      const x1 = speed * 40 * (frame / 10) + jitter * (frame % 2);
      tracks.see(7, { x1, y1: 0, x2: x1 + 40, y2: 40 }, frame * 100);
    }
    return tracks.tick(2000);
  };

  it('is in sizes of the box per second, and jitter is hardly any', () => {
    expect(run(0.5, 0)).toBeCloseTo(0.5, 2);
    expect(run(0, 2)).toBeLessThan(0.06);
  });

  it('is not known of tracks that have just begun', () => {
    const tracks = new TrackSpeed();
    tracks.see(1, { x1: 0, y1: 0, x2: 10, y2: 10 }, 0);
    expect(tracks.tick(500)).toBeNaN();
  });
});
