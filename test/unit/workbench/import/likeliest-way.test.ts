import { describe, expect, it } from 'vitest';
import { inspectOnnx } from '../../../../src/adapters/onnxruntime/index.ts';
import { makeNode } from '../../../../src/optimize/onnx/attributes.ts';
import { encodeModel } from '../../../../src/optimize/onnx/codec.ts';
import { floatTensor, int64Tensor } from '../../../../src/optimize/onnx/tensor.ts';
import {
  dataTypes,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../../../src/optimize/onnx/types.ts';
import type { Image } from '../../../../src/perception/index.ts';
import { likeliestWay } from '../../../../src/workbench/import/check-network.ts';
import { waysToRead } from '../../../../src/workbench/import/choose-contracts.ts';

const side = 64;
const labels = ['blue', 'red'];

/** Grey, with a blue and a red square that lie elsewhere in each. */
const pictures: readonly Image[] = [0, 1, 2, 3].map((at) => {
  const data = new Uint8Array(side * side * 3).fill(114);
  const paint = (x: number, y: number, channel: number) => {
    for (let row = y; row < y + 16; row++)
      for (let column = x; column < x + 16; column++) data[(row * side + column) * 3 + channel] = 230;
  };
  paint(8 * at, 8, 2);
  paint(40 - 8 * at, 40, 0);
  return { width: side, height: side, step: side * 3, encoding: 'rgb8', data };
});

async function chosen(bytes: Uint8Array, looks = true) {
  const network = await inspectOnnx(bytes, 'net');
  const ways = waysToRead(network, labels, {});
  const found = await likeliestWay(
    bytes,
    { network, labels, ways },
    looks ? { name: '4 pictures', drawn: false, pictures } : undefined,
  );
  return { ways: ways.map(({ output }) => output.family), found: found.output.family };
}

describe('Where several families fit a network, its answers on pictures decide', () => {
  const ways = ['yolov5', 'yolox', 'yolox-decoded'];

  it('between YOLOX with boxes of cells and with boxes of pixels', async () => {
    expect(await chosen(squares('raw'))).toEqual({ ways, found: 'yolox' });
    expect(await chosen(squares('decoded'))).toEqual({ ways, found: 'yolox-decoded' });
  });

  it('between a classifier that leaves the softmax out and one that does it', async () => {
    const both = ['logits', 'softmax'];
    expect(await chosen(classifier(false))).toEqual({ ways: both, found: 'logits' });
    expect(await chosen(classifier(true))).toEqual({ ways: both, found: 'softmax' });
  });

  it('also where the file leaves the sides of its output open, which only some of the families read', async () => {
    const { ways: open, found } = await chosen(squares('raw', ['batch', 'boxes', 'values']));
    expect(open).toEqual(expect.arrayContaining(['yolov8', 'yolov10', 'yolox']));
    expect(found).toBe('yolox');
  });

  it('and without pictures the user has to say it', async () => {
    await expect(chosen(squares('raw'), false)).rejects.toMatchObject({
      code: 'decoder-unknown',
      message: expect.stringMatching(/not clear/),
    });
  });
});

/** A detector of blue and red cells in the form of YOLOX; each box is three cells wide. */
function squares(boxes: 'raw' | 'decoded', shape: readonly (number | string)[] = [1, 84, 7]): Uint8Array {
  const made = new Made();
  const planes = [8, 16, 32].map((stride) => {
    const cells = side / stride;
    const pool = { kernel_shape: [stride, stride], strides: [stride, stride] };
    const mean = made.node('AveragePool', ['images'], pool);
    const above = made.node('Sub', [mean, made.floats([1], [114])]);
    const share = made.node('Div', [above, made.floats([1], [141])]);
    const score = made.node('Clip', [share, made.floats([], [0]), made.floats([], [1])]);
    const classes = made.node('Gather', [score, made.ints([0, 2])], { axis: 1 });
    const objectness = made.node('ReduceMax', [classes], { axes: [1], keepdims: 1 });
    const box = made.floats([1, 4, cells, cells], boxPlanes(cells, boxes === 'raw' ? undefined : stride));
    const all = made.node('Concat', [box, objectness, classes], { axis: 1 });
    return made.node('Reshape', [all, made.ints([1, 7, -1])]);
  });
  const joined = made.node('Concat', planes, { axis: 2 });
  const rows = made.node('Transpose', [joined], { perm: [0, 2, 1] });
  if (shape.every((length) => typeof length === 'number')) return made.file(rows, shape);
  // Of a shape that is a value ONNX Runtime does not know the sides before the run.
  const none = made.node('Sub', [rows, rows]);
  const zero = made.node('ReduceMax', [none], { keepdims: 0 });
  const sides = made.node('Add', [made.floats([3], [1, 84, 7]), zero]);
  const cast = made.node('Cast', [sides], { to: dataTypes.int64 });
  return made.file(made.node('Reshape', [rows, cast]), shape);
}

/** cx, cy, w, h of each cell. `stride`: in pixels; else as YOLOX's raw head has them. */
function boxPlanes(cells: number, stride: number | undefined): number[] {
  const plane = (of: (x: number, y: number) => number) =>
    Array.from({ length: cells * cells }, (_, at) => of(at % cells, Math.floor(at / cells)));
  if (stride === undefined)
    return [0.5, 0.5, Math.log(3), Math.log(3)].flatMap((value) => plane(() => value));
  return [
    ...plane((x) => (x + 0.5) * stride),
    ...plane((_x, y) => (y + 0.5) * stride),
    ...plane(() => 3 * stride),
    ...plane(() => 3 * stride),
  ];
}

/** How blue and how red the left half of the picture is. */
function classifier(softmax: boolean): Uint8Array {
  const made = new Made();
  const left = made.node('Slice', ['images', made.ints([0]), made.ints([24]), made.ints([3])]);
  const mean = made.node('ReduceMean', [left], { axes: [2, 3], keepdims: 0 });
  const two = made.node('Gather', [mean, made.ints([2, 0])], { axis: 1 });
  const logits = made.node('Mul', [two, made.floats([2], [-6, 5])]);
  return made.file(softmax ? made.node('Softmax', [logits], { axis: 1 }) : logits, [1, 2]);
}

/** A network in the making. */
class Made {
  readonly #nodes: NodeProto[] = [];
  readonly #values: TensorProto[] = [];

  node(type: string, inputs: readonly string[], attributes: Parameters<typeof makeNode>[4] = {}): string {
    const name = `${type}_${this.#nodes.length}`;
    this.#nodes.push(makeNode(type, name, inputs, [name], attributes));
    return name;
  }

  floats(dims: readonly number[], values: readonly number[]): string {
    return this.#add(floatTensor(`value_${this.#values.length}`, dims, values));
  }

  ints(values: readonly number[]): string {
    return this.#add(int64Tensor(`value_${this.#values.length}`, [values.length], values));
  }

  #add(tensor: TensorProto): string {
    this.#values.push(tensor);
    return tensor.name!;
  }

  file(last: string, shape: readonly (number | string)[]): Uint8Array {
    const output = this.node('Identity', [last]);
    return encodeModel({
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 12n }],
      metadataProps: [],
      graph: {
        ...{ name: 'made', node: this.#nodes, initializer: this.#values, valueInfo: [] },
        input: [valueInfo('images', [1, 3, side, side])],
        output: [valueInfo(output, shape)],
      },
    });
  }
}

function valueInfo(name: string, sides: readonly (number | string)[]): ValueInfoProto {
  const dim = sides.map((length) =>
    typeof length === 'number' ? { dimValue: BigInt(length) } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } };
}
