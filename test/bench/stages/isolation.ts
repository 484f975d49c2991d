import { isolation } from '../../../native/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { defaultDetectionSettings } from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import type { BenchStage } from '../context.ts';
import { type Candidate, judge, measure } from '../measure.ts';
import { frameOf, fullHd, noisePictures } from './pictures.ts';

/** Milliseconds that a process of its own may cost a 1080p frame. */
const mostMs = 0.3;

/** One frame of 1080p rgb8 with the engine in this process, and with the engine in a process of its own. */
export const isolationStage: BenchStage = {
  name: 'isolation',
  about: 'what a process of its own for the engine costs a frame of 1080p rgb8',
  async run({ bundle, native, rounds, progress }) {
    if (!native || isolation() === undefined)
      return {
        stage: this.name,
        rows: [],
        verdicts: [],
        notes: ['left out: what isolates engines was not built'],
      };
    const { width, height } = fullHd;
    const frames = noisePictures('rgb8').map(({ data }) => frameOf(data, width, height));
    const fastest = new Map<string, number[]>();
    const detectors = await Promise.all(
      [false, true].map((isolate) =>
        createDetector(bundle, { engine: 'onnxruntime', isolate, log: silentLog }),
      ),
    );
    const candidates = detectors.map(({ detector }, index): Candidate => {
      const name = index === 0 ? 'in the agent' : 'in a process of its own';
      fastest.set(name, []);
      return {
        name,
        ours: true,
        async run(iterations) {
          const times: number[] = [];
          for (let turn = 0; turn < iterations; turn++) {
            const begin = performance.now();
            await detector.detect(frames[turn % frames.length]!, defaultDetectionSettings);
            times.push(performance.now() - begin);
          }
          fastest.get(name)?.push(Math.min(...times));
          return times;
        },
      };
    });
    try {
      const report = await measure(
        { name: this.name, iterations: 24, candidates, bounds: [] },
        2 * rounds,
        progress,
      );
      const [inside, outside] = [...fastest.values()].map((values) => values.slice(1));
      const cost = outside!.map((value, round) => value - inside![round]!);
      return { ...report, verdicts: [judge('a process of its own costs', cost, 'at most', mostMs, 'ms')] };
    } finally {
      await Promise.all(detectors.map(({ detector }) => detector.close()));
    }
  },
};
