import { describe, expect, it } from 'vitest';
import { mostSamples } from '../../../src/telemetry/batch.ts';
import { BatchBuilder } from '../../../src/telemetry/index.ts';

describe('The batch builder', () => {
  it('numbers batches without a gap from 0 and makes none of nothing', () => {
    const builder = new BatchBuilder(7);
    expect(builder.build([], 1)).toEqual([]);
    expect(builder.build([[3, 1.5]], 1000)).toEqual([{ session: 7, sequence: 0, samples: [[1000, 3, 1.5]] }]);
    expect(builder.build([[3, 2]], 2000)[0]?.sequence).toBe(1);
  });

  it('splits what does not fit one message', () => {
    const many = Array.from({ length: mostSamples + 1 }, (_, i): [number, number] => [i, i]);
    const batches = new BatchBuilder(1).build(many, 5);
    expect(batches.map(({ sequence, samples }) => [sequence, samples.length])).toEqual([
      [0, mostSamples],
      [1, 1],
    ]);
  });
});
