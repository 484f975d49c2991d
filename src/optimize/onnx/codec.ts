import { BinaryReader, BinaryWriter, type WireType } from '@bufbuild/protobuf/wire';
import { type FieldKind, type FieldSpec, type MessageSpec, modelSpec } from './schema.ts';
import type { Message, ModelProto } from './types.ts';

type Values = Record<string, unknown> & Message;
type Scalar = string | Uint8Array | number | bigint;

const lengthDelimited: WireType = 2;
/** ONNX nests a graph in an attribute of a node of a graph; deeper than this is an attack, not a model. */
const maxDepth = 100;

/** Wire bytes to messages. Throws what the protobuf reader throws; `load` turns it into words. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const reader = new BinaryReader(bytes);
  return decodeMessage(reader, bytes.length, modelSpec, 0) as unknown as ModelProto;
}

/** Fields come out in the order of their numbers, as protobuf's own serializers write them. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  encodeMessage(writer, model as unknown as Values, modelSpec);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

function decodeMessage(reader: BinaryReader, end: number, spec: MessageSpec, depth: number): Message {
  if (depth > maxDepth) throw new RangeError(`messages nested deeper than ${maxDepth}`);
  const values = spec.empty() as Values;
  while (reader.pos < end) {
    const [no, wireType] = reader.tag();
    const field = spec.byNumber.get(no);
    if (field === undefined) {
      values.unknown ??= [];
      values.unknown.push({ no, wireType, data: reader.skip(wireType, no) });
      continue;
    }
    const found = decodeField(reader, field, wireType, depth);
    if (!field.repeated) values[field.name] = found;
    else if (Array.isArray(found)) (values[field.name] as unknown[]).push(...found);
    else (values[field.name] as unknown[]).push(found);
  }
  if (reader.pos !== end) throw new RangeError('a message ends in the middle of a field');
  return values;
}

function decodeField(reader: BinaryReader, field: FieldSpec, wireType: WireType, depth: number): unknown {
  const { kind } = field;
  if (typeof kind === 'object') {
    expectWire(field, wireType, lengthDelimited);
    const length = reader.uint32();
    const end = reader.pos + length;
    if (end > reader.len) throw new RangeError('a message is longer than the file');
    return decodeMessage(reader, end, kind, depth + 1);
  }
  if (kind === 'floats' || kind === 'doubles') {
    expectWire(field, wireType, lengthDelimited);
    const bytes = reader.bytes();
    const size = kind === 'floats' ? 4 : 8;
    if (bytes.length % size !== 0) throw new RangeError(`${field.name} holds a broken number`);
    // A Buffer's own slice would share its memory.
    const copy = new Uint8Array(bytes).buffer;
    return kind === 'floats' ? new Float32Array(copy) : new Float64Array(copy);
  }
  if (field.repeated && wireType === lengthDelimited && kind !== 'string' && kind !== 'bytes') {
    const end = reader.uint32() + reader.pos;
    if (end > reader.len) throw new RangeError('a list is longer than the file');
    const list: Scalar[] = [];
    while (reader.pos < end) list.push(readScalar(reader, kind));
    return list;
  }
  expectWire(field, wireType, wireOf(kind));
  return readScalar(reader, kind);
}

function expectWire(field: FieldSpec, got: WireType, want: number): void {
  if (got !== want) throw new RangeError(`field ${field.name} has wire type ${got} instead of ${want}`);
}

function wireOf(kind: FieldKind): WireType {
  if (kind === 'float') return 5;
  return kind === 'int32' || kind === 'int64' || kind === 'uint64' ? 0 : lengthDelimited;
}

function readScalar(reader: BinaryReader, kind: FieldKind): Scalar {
  switch (kind) {
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'float':
      return reader.float();
    case 'int32':
      return reader.int32();
    case 'int64':
      return BigInt(reader.int64());
    case 'uint64':
      return BigInt(reader.uint64());
    default:
      throw new RangeError(`no scalar of kind ${kind}`);
  }
}

function encodeMessage(writer: BinaryWriter, values: Values, spec: MessageSpec): void {
  for (const field of spec.fields) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (!field.repeated) encodeField(writer, field, value);
    else if (field.packed) encodePacked(writer, field, value as Scalar[]);
    else for (const item of value as unknown[]) encodeField(writer, field, item);
  }
  for (const { no, wireType, data } of values.unknown ?? []) writer.tag(no, wireType as WireType).raw(data);
}

function encodeField(writer: BinaryWriter, field: FieldSpec, value: unknown): void {
  const { kind } = field;
  if (typeof kind === 'object') {
    writer.tag(field.no, lengthDelimited).fork();
    encodeMessage(writer, value as Values, kind);
    writer.join();
  } else if (kind === 'floats' || kind === 'doubles') {
    const list = value as Float32Array | Float64Array;
    writer
      .tag(field.no, lengthDelimited)
      .bytes(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  } else {
    writer.tag(field.no, wireOf(kind));
    writeScalar(writer, kind, value as Scalar);
  }
}

function encodePacked(writer: BinaryWriter, field: FieldSpec, list: readonly Scalar[]): void {
  if (list.length === 0) return;
  writer.tag(field.no, lengthDelimited).fork();
  for (const item of list) writeScalar(writer, field.kind as FieldKind, item);
  writer.join();
}

function writeScalar(writer: BinaryWriter, kind: FieldKind, value: Scalar): void {
  if (kind === 'string') writer.string(value as string);
  else if (kind === 'bytes') writer.bytes(value as Uint8Array);
  else if (kind === 'float') writer.float(value as number);
  else if (kind === 'int32') writer.int32(value as number);
  else if (kind === 'int64') writer.int64(value as bigint);
  else writer.uint64(value as bigint);
}
