import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Postprocessor, defaultDetectionSettings, letterboxGeometry } from '../../../src/perception/index.ts';
import { type Candidate, type Stage, timed } from '../measure.ts';
import type { PythonPeer } from '../python-peer.ts';
import { yoloInput } from './letterbox.ts';
import { fullHd, yolov5Output } from './pictures.ts';

/** Decode and NMS of 25,200 rows with 300 above the threshold. */
export function postprocessStage(
  folder: string,
  python: PythonPeer | undefined,
  native: ((output: Float32Array, dims: readonly number[]) => void) | undefined,
): Stage {
  const { data, dims } = yolov5Output();
  const labels = Array.from({ length: 80 }, (_, index) => `class ${index}`);
  const postprocessor = new Postprocessor(
    { input: yoloInput, output: { decoder: 'yolov5', tensors: ['output'] } },
    labels,
  );
  const geometry = letterboxGeometry(yoloInput, fullHd.width, fullHd.height);
  const outputs = [{ name: 'output', dims, data }];
  const candidates: Candidate[] = [
    timed('goshawk TypeScript', () => postprocessor.run(outputs, geometry, fullHd, defaultDetectionSettings)),
  ];
  if (native) candidates.push(timed('goshawk native', () => native(data, dims)));
  if (python) {
    const file = join(folder, 'yolov5-output.bin');
    writeFileSync(file, data);
    for (const way of ['usual', 'best'] as const) {
      candidates.push({
        name: way === 'usual' ? 'usual Python script' : 'numpy + OpenCV',
        ours: false,
        run: (iterations) => python.times({ stage: 'postprocess', way, file, shape: dims }, iterations),
      });
    }
  }
  return {
    name: 'decode + NMS',
    iterations: 40,
    candidates,
    bounds: [{ ours: 'goshawk native', peer: 'numpy + OpenCV', atMost: 0.4 }],
  };
}
