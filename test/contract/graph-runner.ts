import { afterAll, beforeAll, expect, it } from 'vitest';
import { CancelledError, GoshawkError } from '../../src/base/index.ts';
import { type GraphRunner, type RunTensor, saveModel } from '../../src/optimize/index.ts';
import { GraphBuilder } from '../unit/optimize/graphs.ts';
import { suite } from './suite.ts';

/** What the optimizer expects of any engine that runs its graphs. */
export function describeGraphRunner(name: string, make: () => GraphRunner, missing?: string): void {
  suite(`A runner of graphs: ${name}`, missing, () => {
    let runner: GraphRunner;

    beforeAll(() => {
      runner = make();
    });
    afterAll(() => runner?.close());

    it.each(['all', 'none'] as const)(
      'gives every output by its name (optimization: %s)',
      async (optimization) => {
        const loaded = await runner.load(twice, { optimization });
        const { outputs, elapsedMs } = await loaded.run({ x: input(1, -2, 3) });
        expect(Object.keys(outputs).sort()).toEqual(['v1', 'v2']);
        expect(outputs.v1).toEqual({ dataType: 1, dims: [1, 3, 1, 1], data: Float32Array.of(1, 0, 3) });
        expect(outputs.v2?.data).toEqual(Float32Array.of(2, 0, 6));
        expect(elapsedMs).toBeGreaterThanOrEqual(0);
        await loaded.close();
      },
    );

    it('answers runs of several models that do not wait for each other, each with its own', async () => {
      const [one, other] = await Promise.all([runner.load(twice), runner.load(half)]);
      const runs = Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? one : other).run({ x: input(i, i, i) }),
      );
      const last = (await Promise.all(runs)).map(({ outputs }) => (outputs.v2 ?? outputs.v1)?.data[0]);
      expect(last).toEqual(runs.map((_, i) => (i % 2 === 0 ? 2 * i : i / 2)));
      await one.close();
      await other.close();
    });

    it('leaves the inputs as they are, so that they can be given again', async () => {
      const loaded = await runner.load(twice);
      const given = input(1, 2, 3);
      const first = await loaded.run({ x: given });
      const second = await loaded.run({ x: given });
      expect(given.data).toEqual(Float32Array.of(1, 2, 3));
      expect(second.outputs).toEqual(first.outputs);
      await loaded.close();
    });

    it('refuses bytes that are no model in the words of the engine, and goes on', async () => {
      const refusal = await runner.load(Uint8Array.of(1, 2, 3)).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      expect((refusal as GoshawkError).message.length).toBeGreaterThan(40);
      expect((refusal as GoshawkError).remedy).not.toBe('');
      const loaded = await runner.load(twice);
      expect((await loaded.run({ x: input(1, 1, 1) })).outputs.v2?.data[0]).toBe(2);
      await loaded.close();
    });

    it.each<[string, Record<string, RunTensor>]>([
      ['another name', { y: { dataType: 1, dims: [1, 3, 1, 1], data: new Float32Array(3) } }],
      ['another shape', { x: { dataType: 1, dims: [1, 4, 1, 1], data: new Float32Array(4) } }],
      ['another type', { x: { dataType: 7, dims: [1, 3, 1, 1], data: new BigInt64Array(3) } }],
      [
        'fewer numbers than its shape says',
        { x: { dataType: 1, dims: [1, 3, 1, 1], data: new Float32Array(2) } },
      ],
    ])('refuses an input of %s, and goes on', async (_, wrong) => {
      const loaded = await runner.load(twice);
      await expect(loaded.run(wrong)).rejects.toBeInstanceOf(GoshawkError);
      expect((await loaded.run({ x: input(1, 1, 1) })).outputs.v2?.data[0]).toBe(2);
      await loaded.close();
    });

    it('runs no model that was closed', async () => {
      const loaded = await runner.load(twice);
      await loaded.close();
      await expect(loaded.run({ x: input(1, 1, 1) })).rejects.toBeInstanceOf(GoshawkError);
    });

    it('finishes running work when it is closed, accepts no more, and can be closed twice', async () => {
      const one = make();
      const loaded = await one.load(twice);
      const work = loaded.run({ x: input(1, 1, 1) }).then(
        () => undefined,
        (error: unknown) => error,
      );
      await one.close();
      const ended = await work;
      if (ended !== undefined) expect(ended).toBeInstanceOf(CancelledError);
      await expect(one.load(twice)).rejects.toBeInstanceOf(CancelledError);
      await expect(loaded.run({ x: input(1, 1, 1) })).rejects.toBeInstanceOf(CancelledError);
      await loaded.close();
      await one.close();
    });
  });
}

/** v1 = relu(x), v2 = v1 + v1; both are outputs. */
const twice = model((builder) => {
  const relu = builder.relu('x');
  return [relu, builder.node('Add', [relu, relu])[0]!];
});

/** v2 = x * 0.5, which is the second value after its constant. */
const half = model((builder) => [
  builder.node('Mul', ['x', builder.constant([1], Float32Array.of(0.5))])[0]!,
]);

function model(build: (builder: GraphBuilder) => string[]): Uint8Array {
  const builder = new GraphBuilder([1, 3, 1, 1]);
  return saveModel(builder.output(...build(builder)));
}

const input = (...values: number[]): RunTensor => ({
  ...{ dataType: 1, dims: [1, values.length, 1, 1], data: Float32Array.from(values) },
});
