import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmPValue, falseDiscoveries } from '../../../../src/drift/fleet/false-discovery.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

const probability = fc.double({ min: 0, max: 1, noNaN: true });

/** P(Z > z) of a standard normal: Abramowitz and Stegun 26.2.17, error below 1e-7. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

interface Simulated {
  readonly cameras: number;
  /** Of these many the signal stands `effect` deviations above its mean. */
  readonly faulty: number;
  readonly effect: number;
  /** Share of the variance that all cameras have in common. */
  readonly common: number;
}

/** Mean share of false ones among the believed, and of the faulty that were believed. */
function simulate(
  { cameras, faulty, effect, common }: Simulated,
  rate: number,
  windows: number,
  seed: number,
) {
  const random = seededRandom(seed);
  let discoveryRate = 0;
  let power = 0;
  for (let window = 0; window < windows; window++) {
    const weather = random.normal();
    const pValues = Array.from({ length: cameras }, (_, camera) => {
      const noise = Math.sqrt(common) * weather + Math.sqrt(1 - common) * random.normal();
      return upperTail(noise + (camera < faulty ? effect : 0));
    });
    const believed = falseDiscoveries(pValues, cameras, { rate });
    const wrong = believed.filter((camera) => camera >= faulty).length;
    discoveryRate += wrong / Math.max(1, believed.length) / windows;
    power += (believed.length - wrong) / Math.max(1, faulty) / windows;
  }
  return { discoveryRate, power };
}

/** Three standard errors of a mean of `windows` values in [0, 1] whose mean is about `mean`. */
const slack = (mean: number, windows: number) => 3 * Math.sqrt((mean * (1 - mean)) / windows);

describe('False discoveries over a fleet', () => {
  it.each([
    ['a healthy fleet', { cameras: 200, faulty: 0, effect: 0, common: 0 }],
    ['a healthy fleet under one sky', { cameras: 200, faulty: 0, effect: 0, common: 0.5 }],
    ['ten faults among 200', { cameras: 200, faulty: 10, effect: 4, common: 0 }],
    ['ten faults under one sky', { cameras: 200, faulty: 10, effect: 4, common: 0.3 }],
    ['half of the fleet at fault', { cameras: 100, faulty: 50, effect: 3, common: 0 }],
  ])('stay below the rate that was asked for: %s', (_, fleet) => {
    const windows = 2000;
    for (const rate of [0.05, 0.1, 0.2]) {
      const { discoveryRate } = simulate(fleet, rate, windows, 11);
      expect(discoveryRate).toBeLessThan(rate + slack(rate, windows));
    }
  });

  it('of independent cameras are the rate times the share that is healthy, which says that nothing is given away', () => {
    const windows = 4000;
    const { discoveryRate, power } = simulate(
      { cameras: 100, faulty: 30, effect: 4, common: 0 },
      0.1,
      windows,
      12,
    );
    expect(Math.abs(discoveryRate - 0.07)).toBeLessThan(slack(0.07, windows));
    expect(power).toBeGreaterThan(0.9);
  });

  it('would be many without control: every alarm at its own level', () => {
    const random = seededRandom(14);
    const cameras = 1000;
    const daily = 1 - Math.exp(-1 / 30);
    const alarms = Array.from({ length: cameras }, () => random.next()).filter((p) => p < daily);
    expect(alarms.length).toBeGreaterThan(20);
    expect(falseDiscoveries(alarms, cameras, { rate: 0.1 })).toEqual([]);
  });

  it('are chosen as Benjamini and Hochberg say: the largest k whose k-th p-value is at most k rate / family', () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 30 }), fc.nat(50), (pValues, more) => {
        const family = pValues.length + more;
        const sorted = [...pValues].sort((a, b) => a - b);
        const k = sorted.findLastIndex((p, rank) => p <= ((rank + 1) * 0.1) / family) + 1;
        const believed = falseDiscoveries(pValues, family, { rate: 0.1 });
        expect(believed.map((index) => pValues[index])).toEqual(sorted.slice(0, k));
      }),
      { seed: 6 },
    );
  });

  it('are never more for a larger family or a smaller rate', () => {
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 30 }), fc.nat(100), (pValues, more) => {
        const count = (family: number, rate: number) => falseDiscoveries(pValues, family, { rate }).length;
        expect(count(pValues.length + more, 0.1)).toBeLessThanOrEqual(count(pValues.length, 0.1));
        expect(count(pValues.length, 0.05)).toBeLessThanOrEqual(count(pValues.length, 0.1));
      }),
      { seed: 6 },
    );
  });
});

describe('The p-value of an alarm', () => {
  it('is the chance of an alarm in the window at the threshold of the device', () => {
    const day = 86_400_000;
    const channels = 60;
    // Holm lets the surest channel through at the mean time between false alarms, times the channels.
    const logRunLength = Math.log(30 * 86_400) + Math.log(channels);
    expect(alarmPValue(logRunLength, day, channels)).toBeCloseTo(1 - Math.exp(-1 / 30), 12);
  });

  it('is valid where excursions come like a Poisson process with an exponential tail', () => {
    const random = seededRandom(15);
    const windowMs = 3_600_000;
    const channels = 5;
    const windows = 20_000;
    // Per channel one excursion in ten minutes, each higher than h with probability exp(-h).
    const logMeanS = Math.log(600);
    const smallest = Array.from({ length: windows }, () => {
      let p = 1;
      for (let channel = 0; channel < channels; channel++) {
        for (let atS = 0; ; ) {
          atS -= Math.exp(logMeanS) * Math.log(1 - random.next());
          if (atS > windowMs / 1000) break;
          const height = -Math.log(1 - random.next());
          p = Math.min(p, alarmPValue(logMeanS + height, windowMs, channels));
        }
      }
      return p;
    });
    for (const level of [0.001, 0.01, 0.05, 0.2]) {
      const share = smallest.filter((p) => p <= level).length / windows;
      expect(share).toBeLessThan(level + slack(level, windows));
      expect(share).toBeGreaterThan(level - slack(level, windows));
    }
  });

  it('never leaves [0, 1], and stronger evidence never has a larger one', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 500, noNaN: true }), fc.nat(100), (log, more) => {
        const p = alarmPValue(log, 86_400_000, 60);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(alarmPValue(log + more, 86_400_000, 60)).toBeLessThanOrEqual(p);
      }),
      { seed: 6 },
    );
  });
});
