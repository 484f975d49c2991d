import { InputError, type TensorData } from '../../base/index.ts';
import { dataTypes, type TensorProto } from './types.ts';

/** bool is held as bytes and float16 and bfloat16 as their 16 bits. */
const arrays = {
  [dataTypes.float]: Float32Array,
  [dataTypes.double]: Float64Array,
  [dataTypes.int8]: Int8Array,
  [dataTypes.uint8]: Uint8Array,
  [dataTypes.bool]: Uint8Array,
  [dataTypes.int16]: Int16Array,
  [dataTypes.uint16]: Uint16Array,
  [dataTypes.float16]: Uint16Array,
  [dataTypes.bfloat16]: Uint16Array,
  [dataTypes.int32]: Int32Array,
  [dataTypes.uint32]: Uint32Array,
  [dataTypes.int64]: BigInt64Array,
  [dataTypes.uint64]: BigUint64Array,
} as const;

export function dimsOf(tensor: TensorProto): number[] {
  return tensor.dims.map(Number);
}

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The values in row-major order; a copy, whichever of ONNX's fields held them. */
export function tensorData(tensor: TensorProto): TensorData {
  const type = tensor.dataType ?? 0;
  const make = (arrays as Readonly<Record<number, ArrayMaker | undefined>>)[type];
  if (make === undefined) throw broken(tensor, `element type ${type}, which no pass here can read`);
  const count = sizeOf(dimsOf(tensor));
  const data = tensor.rawData !== undefined ? fromRaw(tensor.rawData, make) : fromFields(tensor, make);
  if (data === undefined || data.length !== count) {
    throw broken(tensor, `${data?.length ?? 'part of a'} values where its shape asks for ${count}`);
  }
  return data;
}

/** Float32 values; throws for any other element type. */
export function floatData(tensor: TensorProto): Float32Array {
  if (tensor.dataType !== dataTypes.float) throw broken(tensor, 'no float32 values');
  return tensorData(tensor) as Float32Array;
}

/** Small integer tensors (shapes, axes, starts); int64 beyond 2^53 is clamped, as "to the end" means. */
export function integerData(tensor: TensorProto): number[] {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Array.from<number | bigint, number>(tensorData(tensor), (value) => {
    if (typeof value === 'number') return value;
    return Number(value > limit ? limit : value < -limit ? -limit : value);
  });
}

export function makeTensor(
  name: string,
  dataType: number,
  dims: readonly number[],
  data: TensorData,
): TensorProto {
  return {
    name,
    dataType,
    dims: dims.map(BigInt),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    int32Data: [],
    stringData: [],
    int64Data: [],
    externalData: [],
    uint64Data: [],
  };
}

export function floatTensor(
  name: string,
  dims: readonly number[],
  data: Float32Array | readonly number[],
): TensorProto {
  return makeTensor(
    name,
    dataTypes.float,
    dims,
    data instanceof Float32Array ? data : Float32Array.from(data),
  );
}

export function int64Tensor(name: string, dims: readonly number[], data: readonly number[]): TensorProto {
  return makeTensor(
    name,
    dataTypes.int64,
    dims,
    BigInt64Array.from(data, (value) => BigInt(value)),
  );
}

type ArrayMaker = (typeof arrays)[keyof typeof arrays];

function fromRaw(raw: Uint8Array, make: ArrayMaker): TensorData | undefined {
  if (raw.byteLength % make.BYTES_PER_ELEMENT !== 0) return undefined;
  // raw_data starts at any byte of the file; typed arrays need their own alignment.
  return new (make as Float32ArrayConstructor)(new Uint8Array(raw).buffer);
}

function fromFields(tensor: TensorProto, make: ArrayMaker): TensorData | undefined {
  if (make === Float32Array) return tensor.floatData?.slice() ?? new Float32Array(0);
  if (make === Float64Array) return tensor.doubleData?.slice() ?? new Float64Array(0);
  if (make === BigInt64Array) return BigInt64Array.from(tensor.int64Data);
  if (make === BigUint64Array) return BigUint64Array.from(tensor.uint64Data);
  if (make === Uint32Array) return Uint32Array.from(tensor.uint64Data, Number);
  return (make as Int32ArrayConstructor).from(tensor.int32Data);
}

function broken(tensor: TensorProto, what: string): InputError {
  return new InputError(
    'onnx-tensor',
    `The tensor ${tensor.name ?? '(without a name)'} holds ${what}.`,
    'Export the model again.',
  );
}
