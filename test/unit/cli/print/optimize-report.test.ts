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

function warnings(ap50: number): string {
  const latency = { p50Ms: 1, p95Ms: 1, rounds: 1 };
  const source = { bytes: 1, accuracy: { map: ap50 / 2, ap50, perClass: [] }, latency };
  const outcome = {
    report: { source, budget: 0.01, pruning: undefined, quantization: [], variants: [], refused: [] },
    bundle: undefined,
    workFolder: 'x.work',
  };
  const stderr = new Sink();
  const output = new Output({ json: false, debug: false, stdout: new Sink(), stderr });
  printReport(output, outcome as unknown as OptimizeOutcome);
  return stderr.text;
}

describe('The report of an optimization', () => {
  it('warns where the float model finds nothing, so that there is nothing to lose', () => {
    expect(warnings(0.001)).toMatch(/finds nothing .* \(AP50 0\.10 %\).*--scale/);
    expect(warnings(0.02)).not.toMatch(/finds nothing/);
  });
});
