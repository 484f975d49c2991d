import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { silentLog } from '../../../src/base/index.ts';
import { fileIn } from '../../../src/model/index.ts';
import { defaultDetectionSettings, Letterboxer } from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import type { BenchStage } from '../context.ts';
import { type Candidate, measure, timed } from '../measure.ts';
import { frameOf } from './pictures.ts';

/** The network alone, one thread. Everybody gets the same tensor. */
export const networkStage: BenchStage = {
  name: 'network',
  about: 'the network alone, on one thread',
  async run({ bundle, folder, native, pythonKept, cpp, rounds, progress }) {
    const { input, variants } = bundle.manifest;
    const model = fileIn(bundle, variants[0]!.file);
    // As large as the input: little happens between two runs, as in the peers.
    const picture = new Uint8Array(input.width * input.height * 3).map((_, index) => (index * 31) % 256);
    const frame = frameOf(picture, input.width, input.height);
    const letterboxer = new Letterboxer(input);
    const tensor = letterboxer.allocate();
    letterboxer.run({ ...frame, data: picture }, tensor);
    const file = join(folder, 'network-input.bin');
    writeFileSync(file, tensor);

    const session = await InferenceSession.create(model, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    });
    const feeds = { [input.tensor]: new Tensor(input.dtype, tensor, [1, 3, input.height, input.width]) };
    const candidates: Candidate[] = [timed('onnxruntime-node', () => session.run(feeds), false)];
    let close = async () => {};
    if (native) {
      const { detector } = await createDetector(bundle, { engine: 'onnxruntime', log: silentLog });
      close = () => detector.close();
      candidates.push({
        name: 'native',
        ours: true,
        async run(iterations) {
          const times: number[] = [];
          for (let index = 0; index < iterations; index++) {
            times.push((await detector.detect(frame, defaultDetectionSettings)).timings.inferMs);
          }
          return times;
        },
      });
    }
    if (cpp) {
      candidates.push({
        name: 'C++ with IoBinding',
        ours: false,
        run: (iterations) => cpp.times({ model, input: file }, iterations),
      });
    }
    if (pythonKept) {
      for (const way of ['usual', 'bound'] as const) {
        candidates.push({
          name: way === 'usual' ? 'Python run' : 'Python with IoBinding',
          ours: false,
          run: (iterations) => pythonKept.times({ stage: 'network', way, model, input: file }, iterations),
        });
      }
    }
    try {
      // Short turns: a bound of two percent needs neighbours in time.
      return await measure(
        {
          name: this.name,
          iterations: 15,
          candidates,
          bounds: [{ ours: 'native', peer: 'C++ with IoBinding', atMost: 1.02 }],
        },
        2 * rounds,
        progress,
      );
    } finally {
      await close();
      await session.release();
    }
  },
};
