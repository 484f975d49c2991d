import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { GoldenAnswers } from '../../src/agent/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { type Detector, Pipeline } from '../../src/perception/index.ts';
import { createDetector, goldenFiles } from '../../src/runtime/index.ts';
import { projectRoot } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000 });

/** The project's quantized model on the engine that every machine has, in a pipeline as an agent has it. */
async function live(broken: (detector: Detector) => Detector = (detector) => detector) {
  const bundle = await readBundle(join(projectRoot, 'models/street-int8'), 'digests');
  const { detector } = await createDetector(bundle, {
    ...{ engine: 'onnxruntime-node', threads: 1, log: silentLog },
  });
  const pipeline = new Pipeline({ detector: broken(detector), sinks: [], clock: new SystemClock() });
  onTestFinished(async () => {
    await pipeline.close();
    await detector.close();
  });
  const find = async () => bundle;
  return { answers: new GoldenAnswers({ live: () => pipeline, find, golden: goldenFiles }), bundle };
}

describe('The golden frames of models/street-int8 through a live pipeline', () => {
  it('come out as they must, one by one and all together', async () => {
    const { answers, bundle } = await live();
    for (let i = 0; i < 3; i++) expect((await answers.one())?.agreement).toBeGreaterThan(0.5);
    const all = await answers.all();
    expect(all).toMatchObject({ modelDigest: bundle.digest, engine: 'onnxruntime-node' });
    expect(all?.agreement).toBeGreaterThanOrEqual(all?.wanted ?? 1);
  });

  it('come out wrong where the engine lost half of its boxes', async () => {
    const { answers } = await live((detector) => ({
      ...{ identity: detector.identity, capacity: detector.capacity, close: () => detector.close() },
      async detect(frame, settings) {
        const result = await detector.detect(frame, settings);
        return { ...result, detections: result.detections.filter((_, i) => i % 2 === 0) };
      },
    }));
    const all = await answers.all();
    expect(all?.agreement).toBeLessThan(all?.wanted ?? 0);
  });
});
