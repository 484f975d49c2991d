import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../../../src/cli/output.ts';
import { printReport } from '../../../../src/cli/print/optimize-report.ts';
import type { OptimizeOutcome } from '../../../../src/workbench/index.ts';

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk.toString();
    done();
  }
}

function accuracyOf(value: number, ap50: number) {
  return { measure: 'map', value, beside: { measure: 'ap50', value: ap50 }, perClass: [] } as const;
}

function warnings(ap50: number): string {
  const latency = { p50Ms: 1, p95Ms: 1, rounds: 1 };
  const source = { bytes: 1, accuracy: accuracyOf(ap50 / 2, ap50), latency };
  const outcome = {
    report: { source, budget: 0.01, pruning: undefined, quantization: [], variants: [], refused: [] },
    bundle: undefined,
    workFolder: 'x.work',
  };
  const stderr = new Sink();
  const output = new Output({ format: 'table', debug: false, stdout: new Sink(), stderr });
  printReport(output, outcome as unknown as OptimizeOutcome);
  return stderr.text;
}

function printed(drop: number, high: number): string {
  const latency = { p50Ms: 1, p95Ms: 1, runs: 1 };
  const source = { bytes: 1, accuracy: accuracyOf(0.4, 0.6), latency };
  const lost = { drop, dropInterval: { low: -0.01, high }, speedup: 1, verdict: 'left out' as const };
  const tensorrt = {
    ...{ weighted: 9, int8: 7, half: ['a'], fp32: { Conv: 2 } },
    broken: [{ name: 'b', reason: 'a zero point is not 0' }],
  };
  const form = {
    ...{ form: 'qdq-s8' as const, method: 'mse' as const, methods: {}, layers: 9, float: ['a'], harms: [] },
    ...{ floatOperators: { Softmax: 1 }, calibration: { float: 0.4, quantized: 0.4, wanted: 0.39 } },
    ...{ reached: true, stopped: true, trials: 3, tensorrt },
  };
  const report = {
    ...{ source, budget: 0.01, pruning: undefined, quantization: [form] },
    ...{ variants: [{ kind: 'qdq-s8' as const, ...source, ...lost }] },
    refused: [{ kind: 'fp16' as const, reason: 'no halves.' }],
  };
  const out = new Sink();
  const output = new Output({ format: 'table', debug: false, stdout: out, stderr: out });
  printReport(output, { report, bundle: undefined, workFolder: 'x.work' });
  return out.text;
}

describe('The report of an optimization', () => {
  it('says what the budget counted, and that more pictures help where only the interval is too wide', () => {
    expect(printed(0.002, 0.02)).toMatch(
      /qdq-s8 may lose 2\.00 mAP and is left out\. More evaluation pictures/,
    );
    expect(printed(0.02, 0.03)).not.toMatch(/More evaluation pictures/);
  });

  it('counts for TensorRT what can be INT8 and what is left, and names why', () => {
    const text = printed(0.02, 0.03);
    expect(text).toMatch(/7 of 9 weighted operators can be INT8 layers, 1 in FP16; in FP32: Conv x2/);
    expect(text).toMatch(/no INT8 layer: b: a zero point is not 0/);
    expect(text).toMatch(/time for the search was up \(--search-minutes\)/);
    expect(text).toMatch(/fp16 is left out: no halves\./);
  });

  it('warns if the float model finds no objects, so that no loss can show', () => {
    expect(warnings(0.001)).toMatch(/finds none .* \(AP50 0\.10 %\).*--scale/);
    expect(warnings(0.02)).not.toMatch(/finds none/);
  });
});
