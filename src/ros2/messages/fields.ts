import { InputError } from '../../base/index.ts';
import { type CdrLimits, CdrReader } from '../cdr/cdr-reader.ts';
import { type ObservedType, observedTypeHashes } from './observed-types.ts';
import { describeType, type IndividualTypeDescription } from './type-description.ts';

/*
 * Single fields of a message, by its definition: what is not asked for is jumped over.
 */

export type FieldValue = number | boolean | string;
export type FieldKind = 'number' | 'boolean' | 'string';

/** A field that is there: `twist.twist.linear.x`, `cell_voltage[0]`. */
export interface FieldPath {
  readonly path: string;
  readonly kind: FieldKind;
}

type Field = IndividualTypeDescription['fields'][number];

interface Primitive {
  readonly kind: FieldKind;
  /** 0: as long as it says. */
  readonly bytes: 0 | 1 | 2 | 4 | 8;
  readonly read: (reader: CdrReader, field: string) => FieldValue;
}

/** By the ids of type_description_interfaces/msg/FieldType. */
const primitives: Readonly<Record<number, Primitive>> = {
  2: { kind: 'number', bytes: 1, read: (reader, field) => reader.int8(field) },
  3: { kind: 'number', bytes: 1, read: (reader, field) => reader.uint8(field) },
  4: { kind: 'number', bytes: 2, read: (reader, field) => reader.int16(field) },
  5: { kind: 'number', bytes: 2, read: (reader, field) => reader.uint16(field) },
  6: { kind: 'number', bytes: 4, read: (reader, field) => reader.int32(field) },
  7: { kind: 'number', bytes: 4, read: (reader, field) => reader.uint32(field) },
  8: { kind: 'number', bytes: 8, read: (reader, field) => Number(reader.int64(field)) },
  9: { kind: 'number', bytes: 8, read: (reader, field) => Number(reader.uint64(field)) },
  10: { kind: 'number', bytes: 4, read: (reader, field) => reader.float32(field) },
  11: { kind: 'number', bytes: 8, read: (reader, field) => reader.float64(field) },
  15: { kind: 'boolean', bytes: 1, read: (reader, field) => reader.boolean(field) },
  17: { kind: 'string', bytes: 0, read: (reader, field) => reader.string(field) },
};

const sequenceOffset = 144;
const arrayOffset = 48;
/** Of a list that are looked at. */
const mostElements = 64;
/** Larger messages of these types come from nobody who means well. */
const limits: CdrLimits = { maxBytes: 256 << 10, maxString: 4096, maxElements: 4096 };

/** The fields of a type that can be asked for; of a list `name[0]` stands for all of them. */
export function fieldPaths(type: ObservedType): FieldPath[] {
  return leaves(type, '');
}

/** Throws an InputError for one that the type does not have. */
export function fieldPath(type: string, path: string): FieldPath {
  if (!Object.hasOwn(observedTypeHashes, type) && type !== 'std_msgs/msg/Bool')
    throw new InputError(
      'ros-observed-type',
      `Messages of the type ${type.slice(0, 100)} can't be observed.`,
      `These can: std_msgs/msg/Bool, ${Object.keys(observedTypeHashes).join(', ')}.`,
    );
  const all = fieldPaths(type as ObservedType);
  const place = /\[(\d{1,2})\]/.exec(path);
  const inList = Number(place?.[1] ?? 0) < mostElements;
  const found = all.find((each) => each.path === path.replace(/\[\d{1,2}\]/, '[0]'));
  if (found !== undefined && inList) return { ...found, path };
  throw new InputError(
    'ros-observed-field',
    `${type} has no field ${path.slice(0, 100)}.`,
    `It has ${all.map((each) => each.path).join(', ')}.`,
  );
}

/** The values of those fields that are in the message; an element of a list may not be. Throws for one that can't be read. */
export function readFields(
  type: ObservedType,
  bytes: Uint8Array,
  paths: readonly string[],
): ReadonlyMap<string, FieldValue> {
  const reader = new CdrReader(bytes, type, limits);
  const found = new Map<string, FieldValue>();
  readStruct(reader, type, '', new Set(paths), found);
  return found;
}

function leaves(type: string, prefix: string): FieldPath[] {
  return describeType(type).fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const { base, nested, list } = shapeOf(field);
    if (nested !== '') return list ? [] : leaves(nested, `${path}.`);
    const primitive = primitives[base];
    return primitive === undefined ? [] : [{ path: list ? `${path}[0]` : path, kind: primitive.kind }];
  });
}

function shapeOf({ type: { type_id: id, capacity, nested_type_name: nested } }: Field) {
  const list = id > arrayOffset;
  return { base: id % arrayOffset, nested, list, count: list && id < sequenceOffset ? capacity : undefined };
}

function readStruct(
  reader: CdrReader,
  type: string,
  prefix: string,
  wanted: ReadonlySet<string>,
  found: Map<string, FieldValue>,
): void {
  for (const field of describeType(type).fields) {
    const path = `${prefix}${field.name}`;
    const { base, nested, list, count } = shapeOf(field);
    if (!list) {
      if (nested === '') readOne(reader, base, path, wanted, found);
      else readStruct(reader, nested, `${path}.`, wanted, found);
      continue;
    }
    const length = count ?? reader.sequence(path, 1);
    readList(reader, base, length, path, wanted, found);
  }
}

function readOne(
  reader: CdrReader,
  base: number,
  path: string,
  wanted: ReadonlySet<string>,
  found: Map<string, FieldValue>,
): void {
  const value = primitives[base]!.read(reader, path);
  if (wanted.has(path)) found.set(path, value);
}

/** Of numbers: the types that can be observed have no other lists. */
function readList(
  reader: CdrReader,
  base: number,
  length: number,
  path: string,
  wanted: ReadonlySet<string>,
  found: Map<string, FieldValue>,
): void {
  const { bytes } = primitives[base]!;
  const looked = Math.min(length, mostElements);
  for (let at = 0; at < looked; at += 1) readOne(reader, base, `${path}[${at}]`, wanted, found);
  if (bytes > 0) reader.skip(bytes as 1 | 2 | 4 | 8, length - looked, path);
}
