import { defaultDetectionSettings, type Detector, type Frame } from '../../../src/perception/index.ts';
import type { Candidate, Stage } from '../measure.ts';
import type { PythonPeer } from '../python-peer.ts';
import { frameCount, fullHd, noisePictures } from './pictures.ts';

/** What is left of a frame's time when the network's is taken out, or all of it. */
export type Share = 'outside' | 'all';

function detecting(name: string, detector: Detector, share: Share): Candidate {
  const frames = noisePictures('rgb8').map(
    (picture, sequence): Frame => ({
      camera: 'bench',
      sequence,
      stampNs: 0n,
      frameId: 'bench',
      width: picture.width,
      height: picture.height,
      encoding: picture.encoding,
      step: picture.step,
      pixels: { data: picture.data, release() {} },
    }),
  );
  return {
    name,
    ours: true,
    async run(iterations) {
      const times: number[] = [];
      for (let index = 0; index < iterations; index++) {
        const begin = performance.now();
        const result = await detector.detect(frames[index % frameCount]!, defaultDetectionSettings);
        const taken = performance.now() - begin;
        times.push(share === 'all' ? taken : taken - result.timings.inferMs);
      }
      return times;
    },
  };
}

/** 1080p rgb8 to detections with a real model, one frame after the other. */
export function wholeStage(
  share: Share,
  model: { readonly path: string; readonly decoder: string },
  detectors: ReadonlyMap<string, Detector>,
  python: PythonPeer | undefined,
): Stage {
  const candidates = [...detectors].map(([engine, detector]) => detecting(`goshawk ${engine}`, detector, share));
  if (python) {
    for (const way of ['usual', 'best'] as const) {
      const question = {
        stage: 'whole',
        way,
        model: model.path,
        decoder: model.decoder,
        outside: share === 'outside',
        ...fullHd,
      };
      candidates.push({
        name: way === 'usual' ? 'usual Python script' : 'best Python',
        ours: false,
        run: (iterations) => python.times(question, iterations),
      });
    }
  }
  return {
    name: share === 'outside' ? 'one frame, outside the network' : 'one frame, all of it',
    iterations: 20,
    candidates,
    bounds:
      share === 'outside'
        ? [
            { ours: 'goshawk onnxruntime', peer: 'best Python', atMost: 0.4 },
            { ours: 'goshawk onnxruntime', peer: 'usual Python script', atMost: 0.12 },
          ]
        : [],
  };
}
