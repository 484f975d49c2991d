import { describe, expect, it } from 'vitest';
import { BoxMotion } from '../../../../src/perception/tracker/motion.ts';

const at = (x: number) => ({ x1: x, y1: 0, x2: x + 40, y2: 80 });

describe('BoxMotion', () => {
  it('learns a steady velocity and foresees the next box, at any frame rate', () => {
    for (const fps of [5, 30, 120]) {
      const motion = new BoxMotion(at(0));
      for (let i = 1; i <= 2 * fps; i++) {
        motion.predict(1 / fps, true);
        motion.update(at((100 * i) / fps));
      }
      expect(motion.velocity.x).toBeCloseTo(100, 0);
      expect(Math.abs(motion.velocity.y)).toBeLessThan(1);
      motion.predict(0.5, true);
      expect(motion.box.x1).toBeGreaterThan(245);
      expect(motion.box.x1).toBeLessThan(255);
    }
  });

  it('smooths noise: the expected box is nearer to the truth than the measurements are', () => {
    const motion = new BoxMotion(at(0));
    let state = 1;
    const noise = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state / 2 ** 32 - 0.5) * 8;
    };
    let measured = 0;
    let filtered = 0;
    for (let i = 1; i <= 300; i++) {
      const off = noise();
      motion.predict(1 / 30, true);
      motion.update(at(i + off));
      if (i < 30) continue;
      measured += off ** 2;
      filtered += (motion.box.x1 - i) ** 2;
    }
    expect(filtered).toBeLessThan(measured);
  });

  it('does not let a hidden object grow or shrink away', () => {
    const motion = new BoxMotion(at(0));
    for (let i = 1; i < 20; i++) {
      motion.predict(0.1, true);
      motion.update({ x1: 0, y1: 0, x2: 40, y2: 80 - 4 * i });
    }
    for (let i = 0; i < 50; i++) motion.predict(0.1, false);
    expect(motion.box.y2 - motion.box.y1).toBeGreaterThan(1);
    motion.predict(1e6, true);
    expect(Object.values(motion.box).every(Number.isFinite)).toBe(true);
  });
});
