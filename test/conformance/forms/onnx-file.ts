import { makeNode } from '../../../src/optimize/onnx/attributes.ts';
import { encodeModel } from '../../../src/optimize/onnx/codec.ts';
import { floatTensor, makeTensor } from '../../../src/optimize/onnx/tensor.ts';
import {
  dataTypes,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../../src/optimize/onnx/types.ts';
import { type Form, type Tensor, tensorOf } from './form.ts';

const types: Readonly<Record<string, number>> = {
  float32: dataTypes.float,
  uint8: dataTypes.uint8,
  int32: dataTypes.int32,
  int64: dataTypes.int64,
  float16: dataTypes.float16,
};

/**
 * The form as a file of ONNX that ONNX Runtime loads. Outputs are zeros whose shapes come from values that it can't know before the
 * run, so that it reports the declared sides.
 */
export function onnxFile(form: Form): Uint8Array {
  const inputs = form.inputs.map(tensorOf);
  const outputs = form.outputs.map(tensorOf);
  const [picture] = inputs;
  const nodes: NodeProto[] = [
    makeNode('Cast', 'floats', [picture!.name], ['floats'], { to: dataTypes.float }),
    makeNode('ReduceMax', 'max', ['floats'], ['max'], { keepdims: 0 }),
    makeNode('Sub', 'none', ['max', 'max'], ['none']),
  ];
  const initializers: TensorProto[] = [];
  outputs.forEach(({ name, dtype, sides }, at) => {
    const shape = sides.map((side) => (typeof side === 'number' ? side : 1));
    initializers.push(floatTensor(`sides_${at}`, [shape.length], shape));
    initializers.push(makeTensor(`zero_${at}`, dataTypes.float, [], Float32Array.of(0)));
    nodes.push(
      makeNode('Add', `shape_${at}`, [`sides_${at}`, 'none'], [`shape_${at}`]),
      makeNode('Cast', `dims_${at}`, [`shape_${at}`], [`dims_${at}`], { to: dataTypes.int64 }),
      makeNode('Expand', `values_${at}`, [`zero_${at}`, `dims_${at}`], [`values_${at}`]),
      makeNode('Cast', `output_${at}`, [`values_${at}`], [name], { to: types[dtype]! }),
    );
  });
  return encodeModel({
    irVersion: 8n,
    producerName: 'forms',
    opsetImport: [{ domain: '', version: 13n }],
    metadataProps: Object.entries(form.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'form',
      node: nodes,
      initializer: initializers,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
      valueInfo: [],
    },
  });
}

function valueInfo({ name, dtype, sides }: Tensor): ValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: types[dtype]!,
        shape: {
          dim: sides.map((side) =>
            typeof side === 'number' ? { dimValue: BigInt(side) } : { dimParam: side },
          ),
        },
      },
    },
  };
}
