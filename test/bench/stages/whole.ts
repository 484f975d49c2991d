import { readFileSync } from 'node:fs';
import { silentLog } from '../../../src/base/index.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../../src/perception/index.ts';
import { compiledDetectors } from '../children/compile.ts';
import type { BenchStage } from '../context.ts';
import { type Bound, type Candidate, measure } from '../measure.ts';
import { questionOf, standInModel } from '../model.ts';
import { frameOf, fullHd } from './pictures.ts';

/** What is left of a frame's time when the network's is taken out, or all of it. */
type Share = 'outside' | 'all';

/** `640`: the shape of YOLOv5, whose network is a stand-in. */
type Shape = 'model' | '640';

function detecting(name: string, detector: Detector, frames: readonly Frame[], share: Share): Candidate {
  return {
    name,
    ours: true,
    async run(iterations) {
      const times: number[] = [];
      for (let index = 0; index < iterations; index++) {
        const begin = performance.now();
        const result = await detector.detect(frames[index % frames.length]!, defaultDetectionSettings);
        const taken = performance.now() - begin;
        times.push(share === 'all' ? taken : taken - result.timings.inferMs);
      }
      return times;
    },
  };
}

/** 1080p rgb8 to detections, one frame after the other. */
export function wholeStage(share: Share, shape: Shape): BenchStage {
  const names = {
    model: { all: 'frame', outside: 'outside-model' },
    '640': { all: '', outside: 'outside-640' },
  };
  const about = {
    model: share === 'all' ? 'one frame of 1080p rgb8 to detections' : 'the same, outside the network',
    '640': 'the same outside the network, in the shape of YOLOv5 at 640x640: 25,200 rows, 300 candidates',
  };
  return {
    name: names[shape][share],
    about: about[shape],
    async run(context) {
      const { folder, frames: file, native, python, pythonKept, rounds, progress } = context;
      const bundle = shape === '640' ? await standInModel(folder) : context.bundle;
      const { width, height } = fullHd;
      const bytes = readFileSync(file);
      const size = width * height * 3;
      const frames = Array.from({ length: bytes.length / size }, (_, index) => {
        const picture = new Uint8Array(new SharedArrayBuffer(size));
        picture.set(bytes.subarray(index * size, (index + 1) * size));
        return frameOf(picture, width, height);
      });
      const { createDetector } = await compiledDetectors(context.child());
      const candidates: Candidate[] = [];
      const boxes: string[] = [];
      const detectors: Detector[] = [];
      for (const engine of native
        ? (['onnxruntime', 'onnxruntime-node'] as const)
        : (['onnxruntime-node'] as const)) {
        const { detector } = await createDetector(bundle, { engine, log: silentLog });
        detectors.push(detector);
        const name = engine === 'onnxruntime' ? 'native' : 'worker';
        candidates.push(detecting(name, detector, frames, share));
        const found: number[] = [];
        for (const frame of frames) {
          found.push((await detector.detect(frame, defaultDetectionSettings)).detections.length);
        }
        boxes.push(`${name} ${found.join(' ')}`);
      }
      if (python && pythonKept) {
        const peers = [
          ['usual Python script', python, 'usual'],
          ['usual Python script, memory kept', pythonKept, 'usual'],
          ['best Python, memory kept', pythonKept, 'best'],
        ] as const;
        for (const [name, peer, way] of peers) {
          const question = { stage: 'whole', way, share, ...questionOf(bundle), frames: file, width, height };
          candidates.push({ name, ours: false, run: (iterations) => peer.times(question, iterations) });
          const { boxes: found } = await peer.ask<{ boxes: number[] }>({
            ...question,
            iterations: frames.length,
          });
          boxes.push(`${name} ${found.join(' ')}`);
        }
      }
      const bounds =
        share === 'outside'
          ? ([
              { ours: 'native', peer: 'best Python, memory kept', atMost: 0.4 },
              { ours: 'native', peer: 'usual Python script', atMost: 0.12 },
              { ours: 'native', peer: 'usual Python script, memory kept', atMost: 0.12, comparison: true },
            ] satisfies Bound[])
          : [];
      try {
        const report = await measure(
          { name: this.name, iterations: 16, candidates, bounds },
          rounds,
          progress,
        );
        return { ...report, notes: [`boxes in the frames: ${boxes.join('; ')}`] };
      } finally {
        await Promise.all(detectors.map((detector) => detector.close()));
      }
    },
  };
}
