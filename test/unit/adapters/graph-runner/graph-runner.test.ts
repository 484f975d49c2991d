import { afterEach, describe, expect, it } from 'vitest';
import { OnnxruntimeGraphRunner } from '../../../../src/adapters/graph-runner/index.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

const runners: OnnxruntimeGraphRunner[] = [];
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close();
});

function create(): OnnxruntimeGraphRunner {
  const runner = new OnnxruntimeGraphRunner();
  runners.push(runner);
  return runner;
}

const picture = { dataType: 1, dims: [1, 3, 32, 32], data: new Float32Array(3 * 32 * 32) };

describe('A runner of graphs in a thread', () => {
  it('runs models side by side, each by its own', async () => {
    const runner = create();
    const [one, two] = await Promise.all([runner.load(tinyOnnx()), runner.load(tinyOnnx())]);
    await one.close();
    const { outputs, elapsedMs } = await two.run({ images: picture });
    expect(Object.values(outputs)[0]?.data).toBeInstanceOf(Float32Array);
    expect(elapsedMs).toBeGreaterThan(0);
    await expect(one.run({ images: picture })).rejects.toMatchObject({
      code: 'engine-refused-model',
      message: 'ONNX Runtime could not run the model: the model was released before',
    });
  });

  it('says in the words of the engine why it cannot load or run a model, and goes on', async () => {
    const runner = create();
    await expect(runner.load(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: 'engine-refused-model',
      message: expect.stringMatching(/could not load the model: ./),
    });
    const graph = await runner.load(tinyOnnx());
    await expect(graph.run({})).rejects.toMatchObject({
      code: 'engine-refused-model',
      message: expect.stringMatching(/could not run the model: .*images/),
    });
    await expect(graph.run({ images: picture })).resolves.toMatchObject({ elapsedMs: expect.any(Number) });
  });

  it('cancels what runs when it is closed, may be closed twice, and then takes nothing', async () => {
    const runner = create();
    const graph = await runner.load(tinyOnnx());
    const runs = Promise.allSettled(Array.from({ length: 50 }, () => graph.run({ images: picture })));
    await Promise.all([runner.close(), runner.close()]);
    for (const run of await runs)
      if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'cancelled' });
    await expect(runner.load(tinyOnnx())).rejects.toMatchObject({ code: 'cancelled' });
    await graph.close();
  });

  it('that was never used can be closed', async () => {
    await create().close();
  });
});
