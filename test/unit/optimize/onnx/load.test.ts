import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { loadModel, saveModel } from '../../../../src/optimize/index.ts';
import { makeTensor } from '../../../../src/optimize/onnx/tensor.ts';
import { GraphBuilder } from '../graphs.ts';

function small(): Uint8Array {
  const b = new GraphBuilder([1, 3, 8, 8]);
  return saveModel(b.output(b.relu(b.conv('x', 8, 3))));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GoshawkError) return error.code;
    throw error;
  }
  return 'none';
}

describe('ONNX files', () => {
  it('come out byte for byte as they went in', () => {
    const bytes = small();
    expect(saveModel(loadModel(bytes))).toEqual(bytes);
  });

  it('keep fields that the schema here does not name', () => {
    // Field 25 (functions) of ModelProto: a message with the name "f" in field 1.
    const bytes = Uint8Array.from([...small(), 0xca, 0x01, 0x03, 0x0a, 0x01, 0x66]);
    expect(saveModel(loadModel(bytes))).toEqual(bytes);
  });

  it('keep "to the end" of a Slice, which is the largest int64', () => {
    const b = new GraphBuilder([1, 3, 8, 8]);
    const graph = b.output('x');
    graph.proto.initializer.push(makeTensor('end', 7, [1], BigInt64Array.of(2n ** 63n - 1n)));
    const loaded = loadModel(saveModel(graph));
    const raw = loaded.initializer('end')?.rawData;
    expect(raw && new BigInt64Array(new Uint8Array(raw).buffer)[0]).toBe(2n ** 63n - 1n);
  });

  it('that lie partly in another file are refused, and the file is named', () => {
    const b = new GraphBuilder([1, 3, 8, 8]);
    const graph = b.output(b.conv('x', 8));
    const tensor = graph.proto.initializer[0];
    if (tensor !== undefined) {
      tensor.dataLocation = 1;
      tensor.externalData.push({ key: 'location', value: 'weights.bin' });
    }
    const bytes = saveModel(graph);
    expect(codeOf(() => loadModel(bytes))).toBe('onnx-external-data');
    expect(() => loadModel(bytes)).toThrow(/weights\.bin/);
  });

  it('that name a value which nothing produces are refused', () => {
    const b = new GraphBuilder([1, 3, 8, 8]);
    const graph = b.output(b.relu('nowhere'));
    expect(codeOf(() => loadModel(saveModel(graph)))).toBe('onnx-wiring');
  });

  it('cut off at any byte give an error in words, and never another one', () => {
    const bytes = small();
    for (let end = 0; end < bytes.length; end += 7) {
      const code = codeOf(() => loadModel(bytes.subarray(0, end)));
      expect(['onnx-corrupt', 'onnx-wiring', 'none']).toContain(code);
    }
  });

  it('of random bytes give an error in words, and never another one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(codeOf(() => loadModel(bytes))).toMatch(/^onnx-/);
      }),
      { numRuns: 300 },
    );
  });

  it('with any byte changed load or are refused in words', () => {
    const bytes = small();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = bytes.slice();
        broken[at] = broken[at]! ^ change;
        const code = codeOf(() => saveModel(loadModel(broken)));
        expect(code === 'none' || code.startsWith('onnx-')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
