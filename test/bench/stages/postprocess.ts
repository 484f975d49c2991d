import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultDetectionSettings, letterboxGeometry, Postprocessor } from '../../../src/perception/index.ts';
import { headOf } from '../../fixtures/head.ts';
import type { BenchStage } from '../context.ts';
import { type Candidate, measure, timed } from '../measure.ts';
import { yoloInput } from './letterbox.ts';
import { fullHd, yolov5Output } from './pictures.ts';

const settings = { ...defaultDetectionSettings, maxCandidates: 1000, multiLabel: false };

/** Decode and NMS of 25,200 rows with 300 above the threshold. */
export const postprocessStage: BenchStage = {
  name: 'postprocess',
  about: 'decode and NMS: 300 candidates of 25,200 rows, 80 classes',
  async run({ folder, native, pythonKept, rounds, progress }) {
    const { data, dims } = yolov5Output();
    const labels = Array.from({ length: 80 }, (_, index) => `class ${index}`);
    const head = headOf('yolov5', labels.length);
    const postprocessor = new Postprocessor({ input: yoloInput, output: head }, labels);
    const geometry = letterboxGeometry(yoloInput, fullHd.width, fullHd.height);
    const outputs = [{ name: 'output', dims, data }];
    const inTypeScript = () => postprocessor.run(outputs, geometry, fullHd, defaultDetectionSettings);
    const candidates: Candidate[] = [timed('TypeScript', inTypeScript)];
    const boxes: [string, number][] = [['TypeScript', inTypeScript().detections.length]];
    if (native) {
      const inNative = () => native.postprocess(outputs, head, labels.length, yoloInput, fullHd, settings);
      candidates.push(timed('native', inNative));
      boxes.push(['native', inNative().detections.length / 6]);
    }
    if (pythonKept) {
      const file = join(folder, 'yolov5-output.bin');
      writeFileSync(file, data);
      for (const way of ['usual', 'best'] as const) {
        const name = way === 'usual' ? 'usual Python script' : 'numpy + OpenCV';
        const question = { stage: 'postprocess', way, file, shape: dims };
        candidates.push({ name, ours: false, run: (iterations) => pythonKept.times(question, iterations) });
        const answer = await pythonKept.ask<{ boxes: number[] }>({ ...question, iterations: 1 });
        boxes.push([name, answer.boxes[0] ?? Number.NaN]);
      }
    }
    const report = await measure(
      {
        name: this.name,
        iterations: 40,
        candidates,
        bounds: [{ ours: 'native', peer: 'numpy + OpenCV', atMost: 0.4 }],
      },
      rounds,
      progress,
    );
    return {
      ...report,
      notes: [`boxes kept: ${boxes.map(([name, count]) => `${name} ${count}`).join(', ')}`],
    };
  },
};
