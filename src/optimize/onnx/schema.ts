import type { Message } from './types.ts';

/** How one field lies on the wire. `floats` and `doubles` are packed and held as typed arrays. */
export type FieldKind = 'string' | 'bytes' | 'float' | 'int32' | 'int64' | 'uint64' | 'floats' | 'doubles';

export interface FieldSpec {
  readonly no: number;
  readonly name: string;
  readonly kind: FieldKind | MessageSpec;
  readonly repeated: boolean;
  readonly packed: boolean;
}

export interface MessageSpec {
  /** Name in onnx.proto. */
  readonly name: string;
  readonly fields: readonly FieldSpec[];
  readonly byNumber: ReadonlyMap<number, FieldSpec>;
  /** A message without a field set, its repeated fields empty. */
  empty(): Message;
}

type Row = readonly [
  no: number,
  name: string,
  kind: FieldKind | (() => MessageSpec),
  shape?: 'repeated' | 'packed',
];

/** Rows are read on first use, so that messages may name each other. */
function message(name: string, rows: readonly Row[]): () => MessageSpec {
  let spec: MessageSpec | undefined;
  return () => {
    if (spec !== undefined) return spec;
    const fields: FieldSpec[] = [];
    const byNumber = new Map<number, FieldSpec>();
    spec = {
      name,
      fields,
      byNumber,
      empty: () =>
        Object.fromEntries(fields.filter((field) => field.repeated).map((field) => [field.name, []])),
    };
    for (const [no, field, kind, shape] of rows) {
      const row: FieldSpec = {
        no,
        name: field,
        kind: typeof kind === 'function' ? kind() : kind,
        repeated: shape !== undefined,
        packed: shape === 'packed',
      };
      fields.push(row);
      byNumber.set(no, row);
    }
    fields.sort((a, b) => a.no - b.no);
    return spec;
  };
}

const entry = message('StringStringEntryProto', [
  [1, 'key', 'string'],
  [2, 'value', 'string'],
]);

const tensor = message('TensorProto', [
  [1, 'dims', 'int64', 'repeated'],
  [2, 'dataType', 'int32'],
  [4, 'floatData', 'floats'],
  [5, 'int32Data', 'int32', 'packed'],
  [6, 'stringData', 'bytes', 'repeated'],
  [7, 'int64Data', 'int64', 'packed'],
  [8, 'name', 'string'],
  [12, 'docString', 'string'],
  [9, 'rawData', 'bytes'],
  [13, 'externalData', entry, 'repeated'],
  [14, 'dataLocation', 'int32'],
  [10, 'doubleData', 'doubles'],
  [11, 'uint64Data', 'uint64', 'packed'],
]);

const attribute = message('AttributeProto', [
  [1, 'name', 'string'],
  [20, 'type', 'int32'],
  [2, 'f', 'float'],
  [3, 'i', 'int64'],
  [4, 's', 'bytes'],
  [5, 't', tensor],
  [6, 'g', () => graph()],
  [7, 'floats', 'float', 'repeated'],
  [8, 'ints', 'int64', 'repeated'],
  [9, 'strings', 'bytes', 'repeated'],
  [10, 'tensors', tensor, 'repeated'],
  [11, 'graphs', () => graph(), 'repeated'],
]);

const node = message('NodeProto', [
  [1, 'input', 'string', 'repeated'],
  [2, 'output', 'string', 'repeated'],
  [3, 'name', 'string'],
  [4, 'opType', 'string'],
  [7, 'domain', 'string'],
  [5, 'attribute', attribute, 'repeated'],
]);

const dimension = message('Dimension', [
  [1, 'dimValue', 'int64'],
  [2, 'dimParam', 'string'],
]);
const shape = message('TensorShapeProto', [[1, 'dim', dimension, 'repeated']]);
const tensorType = message('Tensor', [
  [1, 'elemType', 'int32'],
  [2, 'shape', shape],
]);
const type = message('TypeProto', [[1, 'tensorType', tensorType]]);
const valueInfo = message('ValueInfoProto', [
  [1, 'name', 'string'],
  [2, 'type', type],
]);

const graph: () => MessageSpec = message('GraphProto', [
  [1, 'node', node, 'repeated'],
  [2, 'name', 'string'],
  [5, 'initializer', tensor, 'repeated'],
  [11, 'input', valueInfo, 'repeated'],
  [12, 'output', valueInfo, 'repeated'],
  [13, 'valueInfo', valueInfo, 'repeated'],
]);

const operatorSetId = message('OperatorSetIdProto', [
  [1, 'domain', 'string'],
  [2, 'version', 'int64'],
]);

export const modelSpec: MessageSpec = message('ModelProto', [
  [1, 'irVersion', 'int64'],
  [8, 'opsetImport', operatorSetId, 'repeated'],
  [2, 'producerName', 'string'],
  [3, 'producerVersion', 'string'],
  [7, 'graph', graph],
  [14, 'metadataProps', entry, 'repeated'],
])();
