import { describe, expect, it } from 'vitest';
import { type ChannelControl, calibrate } from '../../../../src/drift/control/calibrate.ts';
import { thresholdFor } from '../../../../src/drift/control/run-length.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { at, signalCount } from '../../../../src/drift/signals/catalogue.ts';

const silent = new Float32Array(60).fill(Number.NaN);

/** Minutes in which one signal says something: each has a mean of its own, as squares of a normal have, above 0. */
function minutesOf(signal: number, count: number): Float32Array[][] {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => {
    const mean = 0.3 * random.normal() ** 2;
    const block = Array.from({ length: signalCount }, () => silent);
    block[signal] = Float32Array.from({ length: 60 }, () => mean + 0.5 * random.normal());
    return block;
  });
}

function upper(signal: number, independentMinutes: number, count = 60): ChannelControl {
  const controls = calibrate(minutesOf(signal, count), [{ blocks: count, independentMinutes }]);
  return controls.find((control) => control.direction === 1)!;
}

/** Seconds that a minute like any other beyond the reference needs to be an alarm, so many deviations away. */
function seconds(control: ChannelControl, deviations: number): number {
  return thresholdFor(control, 30 * 86_400) / (deviations - control.allowance);
}

describe('The calibration of a multivariate signal', () => {
  it('forgives more where fewer minutes were learned', () => {
    const few = upper(at.mahalanobis, 15);
    const many = upper(at.mahalanobis, 60);
    expect(few.allowance).toBeGreaterThan(many.allowance);
    expect(few.scale).toBeGreaterThan(many.scale);
    expect(seconds(few, 12)).toBeGreaterThan(seconds(many, 12));
  });

  it('forgives the minute that comes once a day', () => {
    const count = 400;
    const { allowance } = upper(at.isolation, count, count);
    // Of the square of a normal one in 1440 lies above 11.5, one in fifty above 5.4; here it is 0.3 times that.
    expect(allowance).toBeGreaterThan(0.3 * 10);
  });

  it('believes of nothing that it is rarer than the minutes that were learned', () => {
    const blocks = minutesOf(at.mahalanobis, 60).map((block) =>
      block.map((column) => column.map((x) => x * 0)),
    );
    const [still] = calibrate(blocks, [{ blocks: 60, independentMinutes: 20 }]);
    expect(still!.perTick).toBeCloseTo(1 / (20 * 60), 8);
    const picture = minutesOf(at.brightness, 60).map((block) =>
      block.map((column) => column.map((x) => x * 0)),
    );
    const [known] = calibrate(picture, [{ blocks: 60, independentMinutes: 20 }]);
    expect(known!.perTick).toBeLessThan(1 / 100_000);
  });
});
