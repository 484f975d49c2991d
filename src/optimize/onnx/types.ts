/**
 * The part of ONNX's protobuf schema (onnx.proto, IR version 10) that the passes read and change.
 * Fields that are not named here travel as `unknown` and come out again as they went in.
 * int64 is bigint: INT64_MAX is a common "to the end" in Slice and does not fit a number.
 */
export interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

export interface Message {
  unknown?: UnknownField[];
}

export interface TensorProto extends Message {
  dims: bigint[];
  /** One of `dataTypes`. */
  dataType?: number;
  floatData?: Float32Array;
  int32Data: number[];
  stringData: Uint8Array[];
  int64Data: bigint[];
  name?: string;
  docString?: string;
  /** Little-endian, row-major. */
  rawData?: Uint8Array;
  externalData: StringStringEntryProto[];
  /** 1 = the values lie in another file. */
  dataLocation?: number;
  doubleData?: Float64Array;
  uint64Data: bigint[];
}

export interface StringStringEntryProto extends Message {
  key?: string;
  value?: string;
}

export interface AttributeProto extends Message {
  name?: string;
  /** One of `attributeTypes`. */
  type?: number;
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  tensors: TensorProto[];
  graphs: GraphProto[];
}

export interface NodeProto extends Message {
  input: string[];
  output: string[];
  name?: string;
  opType?: string;
  domain?: string;
  attribute: AttributeProto[];
}

export interface DimensionProto extends Message {
  dimValue?: bigint;
  dimParam?: string;
}

export interface TensorShapeProto extends Message {
  dim: DimensionProto[];
}

export interface TensorTypeProto extends Message {
  elemType?: number;
  shape?: TensorShapeProto;
}

export interface TypeProto extends Message {
  tensorType?: TensorTypeProto;
}

export interface ValueInfoProto extends Message {
  name?: string;
  type?: TypeProto;
}

export interface GraphProto extends Message {
  node: NodeProto[];
  name?: string;
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
}

export interface OperatorSetIdProto extends Message {
  domain?: string;
  version?: bigint;
}

export interface ModelProto extends Message {
  irVersion?: bigint;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphProto;
  opsetImport: OperatorSetIdProto[];
  metadataProps: StringStringEntryProto[];
}

/** TensorProto.DataType */
export const dataTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;
