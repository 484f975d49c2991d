import { makeNode } from '../onnx/attributes.ts';
import { Graph } from '../onnx/graph.ts';
import { saveModel } from '../onnx/load.ts';
import { dataTypes, type ValueInfoProto } from '../onnx/types.ts';
import type { GraphRunner } from '../runner.ts';

/** G = X^T X and R = X^T (Y - X W). */
export interface Normal {
  readonly gram: Float64Array;
  readonly right: Float64Array;
}

/**
 * The engine multiplies the matrices: it does tens of billions of operations a second where a loop here does one.
 * X is count x n, Y is count x m, W is n x m, all row-major.
 */
export async function gramProduct(
  runner: GraphRunner,
  x: Float32Array,
  y: Float32Array,
  w: Float32Array,
  count: number,
  n: number,
  m: number,
): Promise<Normal> {
  const loaded = await runner.load(saveModel(normalEquations(count, n, m)));
  try {
    const { outputs } = await loaded.run({
      x: { dataType: dataTypes.float, dims: [count, n], data: x },
      y: { dataType: dataTypes.float, dims: [count, m], data: y },
      w: { dataType: dataTypes.float, dims: [n, m], data: w },
    });
    return { gram: doubles(outputs.gram?.data), right: doubles(outputs.right?.data) };
  } finally {
    await loaded.close();
  }
}

function doubles(data: unknown): Float64Array {
  if (!(data instanceof Float32Array)) throw new RangeError('the engine gave no float32 matrix');
  return Float64Array.from(data);
}

function normalEquations(count: number, n: number, m: number): Graph {
  return new Graph({
    irVersion: 8n,
    producerName: 'goshawk',
    opsetImport: [{ domain: '', version: 13n }],
    metadataProps: [],
    graph: {
      name: 'normal-equations',
      node: [
        makeNode('Transpose', 'transpose', ['x'], ['xt'], { perm: [1, 0] }),
        makeNode('MatMul', 'gram', ['xt', 'x'], ['gram']),
        makeNode('MatMul', 'predict', ['x', 'w'], ['predicted']),
        makeNode('Sub', 'rest', ['y', 'predicted'], ['missing']),
        makeNode('MatMul', 'right', ['xt', 'missing'], ['right']),
      ],
      initializer: [],
      input: [matrix('x', count, n), matrix('y', count, m), matrix('w', n, m)],
      output: [matrix('gram', n, n), matrix('right', n, m)],
      valueInfo: [],
    },
  });
}

function matrix(name: string, rows: number, columns: number): ValueInfoProto {
  const dim = [rows, columns].map((side) => ({ dimValue: BigInt(side) }));
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } };
}
