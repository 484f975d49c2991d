import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf, readLabels } from '../../../../src/controller/devices/metrics-service.ts';

const nowMs = 1_790_000_000_000;

describe('The range of a metric over time', () => {
  it('is the last hour, in steps of fifteen seconds, where nothing is said', () => {
    expect(rangeOf({}, nowMs)).toEqual({ fromMs: nowMs - 3_600_000, toMs: nowMs, stepMs: 15_000 });
  });

  it('has steps that people use, and whole days where it is very long', () => {
    const dayMs = 86_400_000;
    expect(rangeOf({ from: nowMs - 2 * dayMs, to: nowMs }, nowMs).stepMs).toBe(900_000);
    expect(rangeOf({ from: nowMs - 3650 * dayMs, to: nowMs }, nowMs).stepMs).toBe(16 * dayMs);
  });

  it('gives no more than some hundred points by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 1e12 }), (lengthMs) => {
        const { stepMs } = rangeOf({ from: nowMs - lengthMs, to: nowMs }, nowMs);
        expect(lengthMs / stepMs).toBeLessThanOrEqual(240);
        expect(stepMs % 1000).toBe(0);
      }),
    );
  });

  it('is refused where it is empty or has too many points', () => {
    expect(() => rangeOf({ from: nowMs, to: nowMs }, nowMs)).toThrow(/not before/);
    expect(() => rangeOf({ from: nowMs - 5_001_000, to: nowMs, step: 1000 }, nowMs)).toThrow(/5000 points/);
    expect(rangeOf({ from: nowMs - 5_000_000, to: nowMs, step: 1000 }, nowMs).stepMs).toBe(1000);
  });
});

describe('Labels in a query', () => {
  it('are pairs with commas between them; a value may have an equals sign', () => {
    expect(readLabels('camera=front,model=a=b,empty=')).toEqual({ camera: 'front', model: 'a=b', empty: '' });
    expect(readLabels(undefined)).toEqual({});
  });

  it('without a name are refused', () => {
    for (const text of ['camera', '=front']) expect(() => readLabels(text)).toThrow(/is not a label/);
  });
});
