import { describe, expect, it } from 'vitest';
import { retrievalAccuracy } from '../../../../src/perception/index.ts';

const picture = (identity: number, ...embedding: number[]) => ({ identity, embedding });

describe('Recall of embeddings', () => {
  it('asks for each picture whether the nearest other one, by direction, is of the same', () => {
    const pictures = [
      picture(1, 1, 0),
      picture(1, 9, 1),
      picture(2, 0, 1),
      picture(2, 1, 0.05),
      picture(3, -1, 0),
    ];
    // Nearest: of the first the fourth, of the second and the fourth the first or each other, of the third the second.
    const { queries, recall1, recall5 } = retrievalAccuracy(pictures);
    expect(queries).toBe(4);
    expect(recall1).toBe(0);
    expect(recall5).toBe(1);
  });

  it('is 1 where the same are together, however long their vectors are, and 0 of nothing', () => {
    const pictures = [picture(1, 1, 0), picture(1, 100, 1), picture(2, 0, 0.01), picture(2, 0.1, 9)];
    expect(retrievalAccuracy(pictures)).toMatchObject({ queries: 4, recall1: 1, recall5: 1 });
    expect(retrievalAccuracy([])).toMatchObject({ queries: 0, recall1: 0, recall5: 0 });
    expect(retrievalAccuracy([picture(1, 0, 0)])).toMatchObject({ queries: 0 });
  });
});
