import { describe, expect, it } from 'vitest';
import type { VariantKind } from '../../../../src/model/index.ts';
import { type EngineFacts, planEngines } from '../../../../src/runtime/selftest/engine-plan.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

function bundle(folder: string, ...kinds: VariantKind[]) {
  const file = { path: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
  return {
    folder,
    manifest: tinyManifest({ name: folder, variants: kinds.map((kind) => ({ kind, file })) }),
  };
}
const there = (engine: 'tensorrt' | 'onnxruntime') => ({ engine, available: true, detail: '', remedy: '' });
const nothing: EngineFacts = {
  native: [{ engine: 'tensorrt', available: false, detail: 'not built', remedy: 'build it' }],
  kernels: false,
  dlaCores: undefined,
};
const board: EngineFacts = {
  native: [there('tensorrt'), there('onnxruntime')],
  kernels: true,
  dlaCores: 2,
};

describe('What is tried of the engines', () => {
  it('is the processor in every precision where nothing else is', () => {
    const plan = planEngines([bundle('a', 'fp32'), bundle('b', 'qdq-s8', 'qdq-u8')], nothing);
    expect(plan.baseline).toMatchObject({
      name: 'onnxruntime-node fp32',
      job: { bundle: 'a', engine: 'onnxruntime-node', variant: 'fp32' },
    });
    expect(plan.trials.map(({ name, job }) => [name, job.bundle, job.variant])).toEqual([
      ['onnxruntime-node int8', 'b', 'qdq-u8'],
    ]);
    expect(plan.told.filter(({ name }) => !name.endsWith('fp16'))).toEqual([
      { group: 'engines', name: 'tensorrt', state: 'absent', detail: 'not built', remedy: 'build it' },
    ]);
  });

  it('is on a board every precision, batches, the letterbox of the GPU and what can only be told', () => {
    const bundles = [bundle('a', 'fp32', 'fp16'), bundle('b', 'qdq-s8', 'qdq-u8')];
    const { trials, told } = planEngines(bundles, board);
    const tensorrt = trials.filter(({ job }) => job.engine === 'tensorrt');
    expect(tensorrt.map(({ name, job }) => [name, job.variant, job.maxBatch, job.gpuPreprocess])).toEqual([
      ['tensorrt fp32', 'fp32', 1, false],
      ['tensorrt fp16', 'fp16', 1, false],
      ['tensorrt int8', 'qdq-s8', 1, false],
      ['tensorrt batches of 4', 'fp32', 4, false],
      ['tensorrt letterbox on the GPU', 'fp32', 1, true],
    ]);
    expect(told.map(({ name, state }) => [name, state])).toEqual([['tensorrt DLA', 'untried']]);
    expect(trials.filter(({ job }) => job.engine === 'onnxruntime').map(({ name }) => name)).toEqual([
      'onnxruntime (native) fp32',
      'onnxruntime (native) fp16',
      'onnxruntime (native) int8',
      'onnxruntime (native) batches of 4',
    ]);
  });

  it('says which variant no bundle has, and how to make it', () => {
    const { told } = planEngines([bundle('a', 'fp32')], board);
    const rows = told.filter(({ name }) => /fp16|int8/.test(name));
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['onnxruntime-node fp16', 'untried'],
      ['onnxruntime-node int8', 'untried'],
      ['tensorrt fp16', 'untried'],
      ['tensorrt int8', 'untried'],
      ['onnxruntime (native) fp16', 'untried'],
      ['onnxruntime (native) int8', 'untried'],
    ]);
    for (const { remedy } of rows) expect(remedy).toContain('--model');
  });

  it('takes what there is as the baseline where no bundle has fp32', () => {
    const { baseline, trials } = planEngines([bundle('a', 'qdq-u8')], nothing);
    expect(baseline.job).toMatchObject({ engine: 'onnxruntime-node', variant: 'qdq-u8' });
    expect(trials.map(({ name }) => name)).toEqual(['onnxruntime-node int8']);
  });

  it('compares a network in half precision with what it was made from', () => {
    const half = { ...bundle('half', 'fp16'), madeFrom: 'a' };
    const { baseline, trials } = planEngines([bundle('a', 'fp32'), bundle('b', 'qdq-u8'), half], nothing);
    expect(baseline.network).toBe('a');
    expect(trials.map(({ name, network }) => [name, network])).toEqual([
      ['onnxruntime-node fp16', 'a'],
      ['onnxruntime-node int8', 'b'],
    ]);
  });
});
