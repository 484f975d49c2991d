import { type InputContract } from '../../../src/model/index.ts';
import { Letterboxer } from '../../../src/perception/index.ts';
import { type Candidate, type Stage, timed } from '../measure.ts';
import type { PythonPeer } from '../python-peer.ts';
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

/** 1080p to 640x640 float32 planes, for one encoding. `native` is the data plane's own way where it is built. */
export function letterboxStage(
  encoding: RawEncoding,
  python: PythonPeer | undefined,
  native: ((index: number) => void) | undefined,
): Stage {
  const pictures = noisePictures(encoding);
  const letterboxer = new Letterboxer(yoloInput);
  const tensor = letterboxer.allocate();
  const candidates: Candidate[] = [
    timed('goshawk TypeScript', (index) => letterboxer.run(pictures[index % frameCount]!, tensor)),
  ];
  if (native) candidates.push(timed('goshawk native', native));
  if (encoding === 'rgb8') {
    const copy = new Uint8Array(pictures[0]!.data.length);
    candidates.push(timed('memcpy of the frame', (index) => copy.set(pictures[index % frameCount]!.data), false));
  }
  if (python) {
    for (const way of ['usual', 'best'] as const) {
      const question = { stage: 'letterbox', way, encoding, ...fullHd, sideWidth: side, sideHeight: side };
      candidates.push({
        name: way === 'usual' ? "Ultralytics' operations" : 'OpenCV best',
        ours: false,
        run: (iterations) => python.times(question, iterations),
      });
    }
  }
  return {
    name: `letterbox ${encoding}`,
    iterations: 24,
    candidates,
    bounds:
      encoding === 'rgb8'
        ? [
            { ours: 'goshawk native', peer: 'memcpy of the frame', atMost: 1.5 },
            { ours: 'goshawk native', peer: "Ultralytics' operations", atMost: 0.5 },
          ]
        : [{ ours: 'goshawk native', peer: "Ultralytics' operations", atMost: 0.35 }],
  };
}
