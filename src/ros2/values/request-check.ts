import { fromBase64, InputError } from '../../base/index.ts';
import { fieldParts, type MessageShape } from '../messages/message-shape.ts';
import { nothing } from '../messages/nothing.ts';
import type { IndividualTypeDescription } from '../messages/type-description.ts';
import { fieldDefault } from './field-default.ts';
import {
  fitsText,
  type MessageStruct,
  type MessageValue,
  octetKinds,
  textKinds,
  valueKinds,
} from './value-kinds.ts';

type Field = IndividualTypeDescription['fields'][number];

/** Values of one message that somebody gives, defaults included; octets in lists are counted by kilobytes. */
const mostGivenValues = 4096;

/**
 * A message by JSON, whole: what is not named is as its definition says, else zero, false or empty. Throws an InputError that
 * names the field and what it has to be.
 */
export function checkedMessage(shape: MessageShape, given: unknown): MessageStruct {
  return structOf({ shape, left: mostGivenValues }, shape.name, given, '');
}

/** Names and kinds of the fields, for a person. */
function fieldsInWords(shape: MessageShape, type = shape.name): string {
  const fields = fieldsOf(shape, type).map((field) => `${field.name} (${kindInWords(field)})`);
  return fields.length === 0 ? 'no fields' : fields.join(', ');
}

interface Checking {
  readonly shape: MessageShape;
  left: number;
}

function fieldsOf(shape: MessageShape, type: string): readonly Field[] {
  return (shape.types.get(type)?.fields ?? []).filter(({ name }) => name !== nothing);
}

function structOf(checking: Checking, type: string, given: unknown, path: string): MessageStruct {
  const { shape } = checking;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(checking, path, `an object with ${fieldsInWords(shape, type)}`, given);
  const fields = fieldsOf(shape, type);
  const unknown = Object.keys(given).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined)
    throw new InputError(
      'ros-request-field',
      `${type} has no field ${inside(path, unknown.slice(0, 100))}.`,
      `It has ${fieldsInWords(shape, type)}.`,
    );
  const all = shape.types.get(type)?.fields ?? [];
  return Object.fromEntries(
    all.map((field) => {
      const value = Object.hasOwn(given, field.name) ? given[field.name as keyof typeof given] : undefined;
      return [field.name, fieldValue(checking, field, value, inside(path, field.name))];
    }),
  );
}

function fieldValue(checking: Checking, field: Field, given: unknown, path: string): MessageValue {
  const { base, nested, list, count } = fieldParts(field);
  const fallback = given === undefined ? fieldDefault(field) : undefined;
  if (fallback !== undefined) {
    take(checking, Array.isArray(fallback) ? 1 + fallback.length : 1);
    return fallback;
  }
  if (!list) return singleOf(checking, field, given, path);
  if (nested === '' && octetKinds.has(base)) return octetsOf(checking, field, given, path);
  // What nobody gives: none, or in an array as many as it has.
  const values = given === undefined ? Array.from({ length: count ?? 0 }) : given;
  if (!Array.isArray(values) || !fits(field, values.length))
    throw wrong(checking, path, kindInWords(field), given);
  return values.map((each, at) => singleOf(checking, field, each, `${path}[${at}]`));
}

/** One value, or one of a list. */
function singleOf(checking: Checking, field: Field, given: unknown, path: string): MessageValue {
  const { base, nested } = fieldParts(field);
  take(checking, 1);
  if (nested !== '') return structOf(checking, nested, given === undefined ? {} : given, path);
  const kind = valueKinds[base]!;
  if (given === undefined) return kind.zero;
  const value = kind.taken(given);
  const tooLong = typeof value === 'string' && !fitsText(field.type.string_capacity, value);
  if (value === undefined || tooLong) throw wrong(checking, path, singleInWords(field), given);
  return value;
}

function octetsOf(checking: Checking, field: Field, given: unknown, path: string): Uint8Array {
  const { base, count } = fieldParts(field);
  const octets = given === undefined ? new Uint8Array(count ?? 0) : bytesOf(given, base);
  if (octets === undefined || !fits(field, octets.length))
    throw wrong(checking, path, kindInWords(field), given);
  take(checking, 1 + Math.floor(octets.length / 1024));
  return octets;
}

/** A list of numbers, or base64 as rosbridge has it. */
function bytesOf(given: unknown, base: number): Uint8Array | undefined {
  if (typeof given === 'string') {
    try {
      return fromBase64(given);
    } catch {
      return undefined;
    }
  }
  const { taken } = valueKinds[base]!;
  if (!Array.isArray(given) || given.some((each) => taken(each) === undefined)) return undefined;
  return Uint8Array.from(given);
}

function fits(field: Field, length: number): boolean {
  const { count, most } = fieldParts(field);
  return count === undefined ? length <= most : length === count;
}

function take(checking: Checking, values: number): void {
  checking.left -= values;
  if (checking.left >= 0) return;
  throw new InputError(
    'ros-request-long',
    `A ${checking.shape.name} is not written: it would have more than ${mostGivenValues} values.`,
    'Give shorter lists.',
  );
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function kindInWords(field: Field): string {
  const { base, nested, list, count, most } = fieldParts(field);
  if (!list) return singleInWords(field);
  const many = count !== undefined ? `${count}` : Number.isFinite(most) ? `at most ${most}` : 'any number of';
  if (nested === '' && octetKinds.has(base)) return `a list of ${many} octets, or base64`;
  return `a list of ${many} values, each ${singleInWords(field)}`;
}

function singleInWords(field: Field): string {
  const { base, nested } = fieldParts(field);
  if (nested !== '') return nested;
  const { string_capacity: most } = field.type;
  const words = valueKinds[base]!.words;
  return textKinds.has(base) && most > 0 ? `${words}, at most ${most} octets` : words;
}

function wrong({ shape }: Checking, path: string, words: string, given: unknown): InputError {
  const is = given === undefined ? 'missing' : (JSON.stringify(given) ?? 'something else').slice(0, 60);
  return new InputError(
    'ros-request-value',
    `${path === '' ? 'The request' : path} has to be ${words}, and is ${is}.`,
    `${shape.name} has ${fieldsInWords(shape)}.`,
  );
}
