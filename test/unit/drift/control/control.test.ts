import { describe, expect, it } from 'vitest';
import { bootstrapOrder } from '../../../../src/drift/control/calibrate.ts';
import { fitPeaks, logRunLength, thresholdFor } from '../../../../src/drift/control/run-length.ts';
import { Cusum } from '../../../../src/drift/detectors/cusum.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

/** First-order autoregressive noise of deviation one. */
function noise(count: number, length: number, phi: number, seed: number): Float32Array[] {
  const random = seededRandom(seed);
  let x = 0;
  return Array.from({ length: count }, () =>
    Float32Array.from({ length }, () => {
      x = phi * x + Math.sqrt(1 - phi * phi) * random.normal();
      return x;
    }),
  );
}

describe('Run lengths from a block bootstrap', () => {
  it('a threshold for twenty thousand ticks is crossed no more often in new noise', () => {
    for (const phi of [0, 0.6]) {
      const blocks = noise(200, 60, phi, 1);
      const tail = fitPeaks(blocks, bootstrapOrder(200, 3000, seededRandom(2)), 1, 0.5);
      const threshold = thresholdFor(tail, 20_000);
      expect(logRunLength(tail, threshold)).toBeCloseTo(Math.log(20_000), 9);
      const sum = new Cusum(0.5);
      let crossings = 0;
      const fresh = noise(1, 1_000_000, phi, 3)[0]!;
      let above = false;
      for (const x of fresh) {
        const value = sum.add(x);
        // One excursion is one alarm, however often it comes back above the threshold.
        if (value > threshold && !above) crossings++;
        above = value > threshold || (above && value > 0);
      }
      const runLength = fresh.length / Math.max(1, crossings);
      expect(runLength).toBeGreaterThan(14_000);
      // Siegmund's approximation for independent noise gives 8.0; the fit is raised by two standard errors.
      if (phi === 0) expect(threshold).toBeLessThan(16);
    }
  });

  it('autocorrelated noise needs a higher threshold', () => {
    const threshold = (phi: number) => {
      const blocks = noise(200, 60, phi, 4);
      return thresholdFor(fitPeaks(blocks, bootstrapOrder(200, 3000, seededRandom(2)), 1, 0.5), 1e6);
    };
    expect(threshold(0.8)).toBeGreaterThan(1.5 * threshold(0));
  });

  it('a signal that never left its mean has a finite threshold', () => {
    const still = [new Float32Array(60), new Float32Array(60)];
    const tail = fitPeaks(still, bootstrapOrder(2, 50, seededRandom(1)), -1, 0.5);
    expect(thresholdFor(tail, 1e8)).toBeGreaterThan(1);
    expect(thresholdFor(tail, 1e8)).toBeLessThan(100);
  });
});
