import { join } from 'node:path';
import { digestOf, writeBundle } from '../../adapters/filesystem/index.ts';
import type { Manifest } from '../../model/index.ts';
import type { EngineOutcome } from '../trials/job.ts';
import { fails, type Trial, works } from './trial.ts';

/*
 * The reference plugin is a pretended device behind the C ABI that TensorRT's plugin has. It is built in a checkout alone; what
 * it shows is that everything above the engine works here: build process, plan, cache, loading, decode and NMS.
 */

/** See native/plugins/reference/reference_engine.cc: one car and one person on every picture. */
const model = [
  'goshawk-reference 1',
  'board any',
  'input images float32 1 3 64 64',
  'output output float32 1 4 7',
  'values 20 32 10 10 0.9 1 0 40 10 8 6 0.8 0 1',
  'end',
  '',
].join('\n');

/** Writes its bundle into a folder, and gives the folder. */
export async function referenceBundle(folder: string): Promise<string> {
  const bytes = Buffer.from(model);
  const digest = digestOf(bytes);
  const manifest: Manifest = {
    schema: 1,
    name: 'reference',
    version: '1',
    task: 'detection',
    licence: 'Apache-2.0',
    labels: ['car', 'person'],
    input: {
      tensor: 'images',
      width: 64,
      height: 64,
      layout: 'nchw',
      dtype: 'float32',
      colorOrder: 'rgb',
      scale: 1 / 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      fit: 'stretch',
      pad: 0,
    },
    output: {
      family: 'yolov5',
      outputs: [{ tensors: ['output'], axis: 'last', values: 7 }],
      boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
      objectness: { output: 0, at: 4 },
      scores: { output: 0, at: 5 },
    },
    variants: [{ kind: 'qdq-s8', file: { path: 'model.txt', digest, size: bytes.length } }],
    provenance: { sourceDigest: digest, createdBy: 'goshawk selftest', createdAt: '1970-01-01T00:00:00Z' },
  };
  const { location } = await writeBundle(
    join(folder, 'reference'),
    manifest,
    new Map([['model.txt', bytes]]),
  );
  return location;
}

/** Its answers are known. */
export function judgeReference(name: string, { answers, openMs, reopenMs = 0 }: EngineOutcome): Trial {
  const words = `plan built in ${openMs.toFixed(0)} ms, loaded in ${reopenMs.toFixed(0)} ms`;
  const right = answers.every(
    (found) =>
      found
        .map(({ label }) => label)
        .sort()
        .join() === 'car,person',
  );
  return right && answers.length > 0
    ? works('engines', name, `${words}; its answers are the known ones`, { openMs, reopenMs })
    : fails(
        'engines',
        name,
        `${words}; its answers are other than the known ones`,
        'Build the native parts again.',
      );
}
