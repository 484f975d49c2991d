import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchFloatLayers } from '../../../../src/optimize/sensitivity/search.ts';

/** Layers whose harm adds up; the ranking may be wrong. */
function world(harm: readonly number[], ranking: readonly number[]) {
  const harms = harm
    .map((_, i) => ({ layer: `l${i}`, noise: ranking[i] ?? 0 }))
    .sort((a, b) => b.noise - a.noise);
  const accuracyOf = async (quantized: ReadonlySet<string>) =>
    1 - harm.reduce((sum, loss, i) => sum + (quantized.has(`l${i}`) ? loss : 0), 0);
  return { harms, accuracyOf };
}

describe('the search for layers in float', () => {
  it('leaves nothing in float where INT8 is good enough', async () => {
    const { harms, accuracyOf } = world([0.001, 0.002], [1, 2]);
    const found = await searchFloatLayers(harms, 0.99, accuracyOf);
    expect(found.float).toEqual([]);
    expect(found.reached).toBe(true);
    expect(found.trials).toBe(1);
  });

  it('leaves exactly the harmful layers in float', async () => {
    const { harms, accuracyOf } = world([0.5, 0.001, 0.3, 0.001, 0.001], [9, 1, 8, 2, 3]);
    const found = await searchFloatLayers(harms, 0.99, accuracyOf);
    expect(found.float).toEqual(['l0', 'l2']);
  });

  it('takes back layers that the ranking wrongly put first', async () => {
    const { harms, accuracyOf } = world([0.5, 0.001, 0.001, 0.001], [1, 9, 8, 7]);
    const found = await searchFloatLayers(harms, 0.99, accuracyOf);
    expect(found.float).toEqual(['l0']);
  });

  it('says so where even all layers in float are not enough', async () => {
    const found = await searchFloatLayers([{ layer: 'a', noise: 1 }], 0.9, async () => 0.5);
    expect(found.reached).toBe(false);
    expect(found.float).toEqual(['a']);
  });

  it('always keeps the wanted accuracy, and no float layer of its result could go alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ harm: fc.double({ min: 0, max: 0.05, noNaN: true }), rank: fc.nat(50) }), {
          minLength: 1,
          maxLength: 25,
        }),
        async (layers) => {
          const { harms, accuracyOf } = world(
            layers.map(({ harm }) => harm),
            layers.map(({ rank }) => rank),
          );
          const found = await searchFloatLayers(harms, 0.95, accuracyOf);
          expect(await accuracyOf(found.quantized)).toBeGreaterThanOrEqual(0.95);
          expect(found.quantized.size + found.float.length).toBe(layers.length);
        },
      ),
    );
  });
});
