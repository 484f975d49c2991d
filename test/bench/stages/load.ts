import { silentLog } from '../../../src/base/index.ts';
import { fileIn } from '../../../src/model/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import type { BenchStage } from '../context.ts';
import { type Candidate, measure, timed } from '../measure.ts';

/** A model loaded, run once and let go of. */
export const loadStage: BenchStage = {
  name: 'load',
  about: 'a model loaded, run once and unloaded',
  run({ bundle, native, pythonKept, rounds, progress }) {
    const engines = native ? (['onnxruntime', 'onnxruntime-node'] as const) : (['onnxruntime-node'] as const);
    const candidates: Candidate[] = engines.map((engine) =>
      timed(engine === 'onnxruntime' ? 'native' : 'worker, started too', async () => {
        const { detector } = await createDetector(bundle, { engine, log: silentLog });
        await detector.close();
      }),
    );
    if (pythonKept) {
      const question = { stage: 'load', model: fileIn(bundle, bundle.manifest.variants[0]!.file) };
      candidates.push({
        name: 'Python',
        ours: false,
        run: (iterations) => pythonKept.times(question, iterations),
      });
    }
    return measure({ name: this.name, iterations: 3, candidates, bounds: [] }, Math.min(5, rounds), progress);
  },
};
