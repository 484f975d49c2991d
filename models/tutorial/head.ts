import { loadModel, saveModel } from '../../src/optimize/index.ts';
import { type AttributeValue, makeNode } from '../../src/optimize/onnx/attributes.ts';
import type { Graph } from '../../src/optimize/onnx/graph.ts';
import { floatTensor, int64Tensor } from '../../src/optimize/onnx/tensor.ts';
import { dataTypes, type ValueInfoProto } from '../../src/optimize/onnx/types.ts';

/** How the output is written. */
export const forms = ['yolov5', 'yolov8', 'yolov10', 'rt-detr', 'rt-detr-turned'] as const;
export type Form = (typeof forms)[number];

/** What the input takes: 0..1, floats 0..255, or bytes. */
export const pixelForms = ['unit', 'raw', 'bytes'] as const;
export type Pixels = (typeof pixelForms)[number];

const classes = 5;
const rows = 3780;
const width = 320;
const height = 192;
/** As many boxes as the families give that choose them themselves. */
const best = 300;

/** The detector of models/street with its output and its input in another form; weights and results stay as they are. */
export function exportStreet(model: Uint8Array, form: Form, pixels: Pixels = 'unit'): Uint8Array {
  if (!forms.includes(form)) throw new Error(`--form ${form} is none of ${forms.join(', ')}`);
  if (!pixelForms.includes(pixels)) throw new Error(`--pixels ${pixels} is none of ${pixelForms.join(', ')}`);
  const graph = loadModel(model);
  graph.model.producerName = 'models/tutorial';
  if (form !== 'yolov5') writeHead(new Writer(graph), form);
  if (pixels !== 'unit') writeStem(graph, pixels);
  graph.proto.valueInfo = [];
  graph.changed();
  return saveModel(graph);
}

/** Appends nodes; every one has one output, whose name is given back. */
class Writer {
  readonly graph: Graph;
  constructor(graph: Graph) {
    this.graph = graph;
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    return this.nodes(type, inputs, 1, attributes)[0] ?? '';
  }

  nodes(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string[] {
    const name = this.graph.fresh(`tutorial_${type}`);
    const values = Array.from({ length: outputs }, (_, i) => `${name}_${i}`);
    this.graph.nodes.push(makeNode(type, name, inputs, values, attributes));
    this.graph.changed();
    return values;
  }

  ints(values: readonly number[]): string {
    const name = this.graph.fresh('tutorial_ints');
    this.graph.setInitializer(int64Tensor(name, [values.length], [...values]));
    return name;
  }

  floats(values: readonly number[]): string {
    const name = this.graph.fresh('tutorial_floats');
    this.graph.setInitializer(floatTensor(name, [values.length], Float32Array.from(values)));
    return name;
  }

  /** Columns from..to of the last axis. */
  columns(value: string, from: number, to: number): string {
    return this.node('Slice', [value, this.ints([from]), this.ints([to]), this.ints([2])]);
  }
}

function writeHead(writer: Writer, form: Exclude<Form, 'yolov5'>): void {
  const { graph } = writer;
  const old = graph.proto.output[0]?.name ?? '';
  const boxes = writer.columns(old, 0, 4);
  const objectness = writer.columns(old, 4, 5);
  const scores = writer.node('Mul', [writer.columns(old, 5, 5 + classes), objectness]);
  if (form === 'yolov8') {
    const all = writer.node('Concat', [boxes, scores], { axis: 2 });
    setOutput(graph, writer.node('Transpose', [all], { perm: [0, 2, 1] }), [1, 4 + classes, rows]);
    return;
  }
  const top = writer.node('ReduceMax', [scores], { axes: [2], keepdims: 1 });
  const [, chosen = ''] = writer.nodes('TopK', [top, writer.ints([best])], 2, { axis: 1 });
  const take = (value: string, columns: number) => {
    const index = writer.node('Expand', [chosen, writer.ints([1, best, columns])]);
    return writer.node('GatherElements', [value, index], { axis: 1 });
  };
  if (form === 'yolov10') {
    const id = writer.node('ArgMax', [scores], { axis: 2, keepdims: 1 });
    const parts = [
      corners(writer, take(boxes, 4)),
      take(top, 1),
      take(writer.node('Cast', [id], { to: 1 }), 1),
    ];
    setOutput(graph, writer.node('Concat', parts, { axis: 2 }), [1, best, 6]);
    return;
  }
  const parts = writer.node('Div', [take(boxes, 4), writer.floats([width, height, width, height])]);
  const all = writer.node('Concat', [parts, take(scores, classes)], { axis: 2 });
  if (form === 'rt-detr') setOutput(graph, all, [1, best, 4 + classes]);
  else setOutput(graph, writer.node('Transpose', [all], { perm: [0, 2, 1] }), [1, 4 + classes, best]);
}

/** cx, cy, w, h -> x1, y1, x2, y2 */
function corners(writer: Writer, boxes: string): string {
  const centre = writer.columns(boxes, 0, 2);
  const half = writer.node('Mul', [writer.columns(boxes, 2, 4), writer.floats([0.5])]);
  return writer.node('Concat', [writer.node('Sub', [centre, half]), writer.node('Add', [centre, half])], {
    axis: 2,
  });
}

function setOutput(graph: Graph, name: string, dims: readonly number[]): void {
  graph.nodes.push(makeNode('Identity', graph.fresh('tutorial_output'), [name], ['output0']));
  graph.proto.output = [valueInfo('output0', dims, dataTypes.float)];
  graph.changed();
}

/** Pixels 0..255 come in; the first nodes bring them to 0..1. */
function writeStem(graph: Graph, pixels: 'raw' | 'bytes'): void {
  const [input] = graph.inputs();
  const old = input?.name ?? '';
  graph.setInitializer(floatTensor('tutorial_scale', [1], Float32Array.of(255)));
  const first = [makeNode('Div', 'tutorial_Div', ['tutorial_float', 'tutorial_scale'], [old])];
  const cast = pixels === 'bytes' ? 'Cast' : 'Identity';
  const attributes = pixels === 'bytes' ? { to: dataTypes.float } : {};
  first.unshift(makeNode(cast, 'tutorial_pixels', ['pixels'], ['tutorial_float'], attributes));
  graph.proto.node = [...first, ...graph.nodes];
  graph.proto.input = [
    valueInfo('pixels', [1, 3, height, width], pixels === 'bytes' ? dataTypes.uint8 : dataTypes.float),
  ];
  graph.changed();
}

function valueInfo(name: string, dims: readonly number[], elemType: number): ValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: dims.map((side) => ({ dimValue: BigInt(side) })) } } },
  };
}
