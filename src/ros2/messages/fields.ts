import { InputError } from '../../base/index.ts';
import { type CdrLimits, CdrReader } from '../cdr/cdr-reader.ts';
import { fieldParts, type MessageShape } from './message-shape.ts';
import type { IndividualTypeDescription } from './type-description.ts';

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
  // A char and a byte of IDL.
  13: { kind: 'number', bytes: 1, read: (reader, field) => reader.uint8(field) },
  16: { kind: 'number', bytes: 1, read: (reader, field) => reader.uint8(field) },
  15: { kind: 'boolean', bytes: 1, read: (reader, field) => reader.boolean(field) },
  17: { kind: 'string', bytes: 0, read: (reader, field) => reader.string(field) },
  21: { kind: 'string', bytes: 0, read: (reader, field) => reader.string(field) },
};

/** Of a list that are looked at. */
const mostElements = 64;
const maxBytes = 256 << 10;
/** Numbers in lists are jumped over, however many; for what has to be read there is `mostSteps`. */
const limits: CdrLimits = { maxBytes, maxString: 4096, maxElements: maxBytes };

/** What lies one by one in lists, of one message: each costs its reading. */
const mostSteps = 8192;

/** The fields of a type that can be asked for; of a list `name[0]` stands for all of them. */
export function fieldPaths(shape: MessageShape): FieldPath[] {
  return leaves(shape, shape.name, '').map(({ path, kind }) => ({ path, kind }));
}

/** As `readFields` names an element: without zeros in front. */
const placeInList = /\[(0|[1-9]\d?)\]/;

/** Throws an InputError for one that the type does not have, or that none of its messages can have. */
export function fieldPath(shape: MessageShape, path: string): FieldPath {
  const all = leaves(shape, shape.name, '');
  const place = Number(placeInList.exec(path)?.[1] ?? 0);
  const found = all.find((each) => each.path === path.replace(placeInList, '[0]'));
  if (found !== undefined && place < found.most) return { path, kind: found.kind };
  const named = all.slice(0, mostNamed).map((each) => each.path);
  throw new InputError(
    'ros-observed-field',
    `${shape.name} has no field ${path.slice(0, 100)}.`,
    `It has ${named.join(', ')}${all.length > mostNamed ? ', and more' : ''}.`,
  );
}

const mostNamed = 200;

/** The values of those fields that are in the message; an element of a list may not be. Throws for one that can't be read. */
export function readFields(
  shape: MessageShape,
  bytes: Uint8Array,
  paths: readonly string[],
): ReadonlyMap<string, FieldValue> {
  const reader = new CdrReader(bytes, shape.name, limits);
  const reading = { reader, shape, wanted: new Set(paths), found: new Map<string, FieldValue>(), steps: 0 };
  readStruct(reading, shape.name, '');
  return reading.found;
}

function fieldsOf(shape: MessageShape, type: string): readonly Field[] {
  return shape.types.get(type)?.fields ?? [];
}

interface Leaf extends FieldPath {
  /** Elements of a list that can be asked for. */
  readonly most: number;
}

function leaves(shape: MessageShape, type: string, prefix: string): Leaf[] {
  return fieldsOf(shape, type).flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const { base, nested, list, count, most } = fieldParts(field);
    if (nested !== '') return list ? [] : leaves(shape, nested, `${path}.`);
    const primitive = primitives[base];
    if (primitive === undefined) return [];
    const { kind } = primitive;
    return [{ path: list ? `${path}[0]` : path, kind, most: Math.min(count ?? most, mostElements) }];
  });
}

interface Reading {
  readonly reader: CdrReader;
  readonly shape: MessageShape;
  readonly wanted: ReadonlySet<string>;
  readonly found: Map<string, FieldValue>;
  steps: number;
}

function readStruct(reading: Reading, type: string, prefix: string): void {
  for (const field of fieldsOf(reading.shape, type)) {
    const path = `${prefix}${field.name}`;
    const { base, nested, list, count } = fieldParts(field);
    if (list) readList(reading, { base, nested, path }, count ?? reading.reader.sequence(path, 1));
    else if (nested === '') readOne(reading, base, path);
    else readStruct(reading, nested, `${path}.`);
  }
}

function readOne({ reader, wanted, found }: Reading, base: number, path: string): void {
  const value = primitives[base]!.read(reader, path);
  if (wanted.has(path)) found.set(path, value);
}

interface List {
  readonly base: number;
  readonly nested: string;
  readonly path: string;
}

function readList(reading: Reading, { base, nested, path }: List, length: number): void {
  const bytes = nested === '' ? primitives[base]!.bytes : 0;
  const looked = nested === '' ? Math.min(length, mostElements) : 0;
  for (let at = 0; at < looked; at += 1) readOne(reading, base, `${path}[${at}]`);
  if (bytes > 0) {
    reading.reader.skip(bytes as 1 | 2 | 4 | 8, length - looked, path);
    return;
  }
  // Texts and structures have no length of their own: whatever comes behind them is found by reading them.
  for (let at = looked; at < length; at += 1) {
    takeStep(reading, path);
    if (nested === '') readOne(reading, base, path);
    else readStruct(reading, nested, `${path}[].`);
  }
}

function takeStep(reading: Reading, path: string): void {
  reading.steps += 1;
  if (reading.steps <= mostSteps) return;
  throw new InputError(
    'ros-observed-long',
    `A ${reading.shape.name} message is not read: the lists up to ${path} have more than ${mostSteps} elements.`,
    'Observe a topic whose messages have shorter lists.',
  );
}
