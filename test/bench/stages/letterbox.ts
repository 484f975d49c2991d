import type { InputContract } from '../../../src/model/index.ts';
import { Letterboxer } from '../../../src/perception/index.ts';
import type { BenchStage } from '../context.ts';
import { type Bound, type Candidate, measure, timed } from '../measure.ts';
import { frameCount, fullHd, noisePictures, type RawEncoding } from './pictures.ts';

export const side = 640;

export const yoloInput: InputContract = {
  tensor: 'images',
  width: side,
  height: side,
  layout: 'nchw',
  dtype: 'float32',
  colorOrder: 'rgb',
  scale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'center',
  pad: 114,
};

/** 1080p to 640x640 float32 planes, for one encoding. */
export function letterboxStage(encoding: RawEncoding): BenchStage {
  return {
    name: `letterbox-${encoding}`,
    about: `1080p ${encoding} to 640x640 float32 planes`,
    run({ native, python, pythonKept, rounds, progress }) {
      const pictures = noisePictures(encoding);
      const letterboxer = new Letterboxer(yoloInput);
      const tensor = letterboxer.allocate();
      const candidates: Candidate[] = [
        timed('TypeScript', (index) => letterboxer.run(pictures[index % frameCount]!, tensor)),
      ];
      if (native) {
        // As a detector has it: an input that nobody else writes to.
        const own = new Uint8Array(new Float32Array(3 * side * side).buffer);
        candidates.push(
          timed('native', (index) =>
            native.letterbox(pictures[index % frameCount]!, yoloInput, 'best', own, true),
          ),
        );
      }
      if (encoding === 'rgb8') {
        const copy = new Uint8Array(pictures[0]!.data.length);
        candidates.push(
          timed('memcpy of the frame', (index) => copy.set(pictures[index % frameCount]!.data), false),
        );
      }
      if (python && pythonKept) {
        const peers = [
          ["Ultralytics' operations", python, 'usual'],
          ["Ultralytics' operations, memory kept", pythonKept, 'usual'],
          ['OpenCV at its best, memory kept', pythonKept, 'best'],
        ] as const;
        for (const [name, peer, way] of peers) {
          const question = { stage: 'letterbox', way, encoding, ...fullHd, side };
          candidates.push({ name, ours: false, run: (iterations) => peer.times(question, iterations) });
        }
      }
      const most = encoding === 'rgb8' ? 0.5 : 0.35;
      const bounds: Bound[] = [
        { ours: 'native', peer: "Ultralytics' operations, memory kept", atMost: most },
        { ours: 'native', peer: "Ultralytics' operations", atMost: most, comparison: true },
      ];
      if (encoding === 'rgb8') bounds.unshift({ ours: 'native', peer: 'memcpy of the frame', atMost: 1.5 });
      return measure({ name: this.name, iterations: 24, candidates, bounds }, rounds, progress);
    },
  };
}
