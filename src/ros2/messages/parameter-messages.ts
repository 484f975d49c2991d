import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** rcl_interfaces/msg/ParameterType: a type's number is its place. */
export const parameterTypes = [
  'not_set',
  'bool',
  'integer',
  'double',
  'string',
  'byte_array',
  'bool_array',
  'integer_array',
  'double_array',
  'string_array',
] as const;
export type ParameterType = (typeof parameterTypes)[number];

/**
 * rcl_interfaces/msg/ParameterValue, the one value that its type names. Of types that we have no parameter of only is kept
 * whether it is an empty list: `[]` of a YAML file has no type of its own, and tools call it one of bools.
 */
export type ParameterValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string_array'; readonly value: readonly string[] }
  | { readonly type: OtherType; readonly empty?: true };
type OtherType = Exclude<ParameterType, 'bool' | 'double' | 'string_array'>;

/** rcl_interfaces/msg/ParameterDescriptor, as far as it is filled in here. */
export interface ParameterDescriptor {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  /** In words, for a tool to show: what a range does not say. */
  readonly constraints?: string;
  readonly range?: { readonly from: number; readonly to: number };
}

export function parameterTypeNumber(type: ParameterType): number {
  return parameterTypes.indexOf(type);
}

export function readParameter(reader: CdrReader): { readonly name: string; readonly value: ParameterValue } {
  return { name: reader.string('name'), value: readParameterValue(reader) };
}

function readParameterValue(reader: CdrReader): ParameterValue {
  const type = parameterTypes[reader.uint8('type')] ?? 'not_set';
  const bool = reader.boolean('bool_value');
  reader.uint64('integer_value');
  const double = reader.float64('double_value');
  reader.string('string_value');
  const lengths: Partial<Record<ParameterType, number>> = {
    byte_array: reader.octets('byte_array_value').length,
    bool_array: reader.octets('bool_array_value').length,
  };
  for (const each of ['integer_array', 'double_array'] as const) {
    const field = `${each}_value`;
    const eightOctets = reader.sequence(field, 8);
    // An empty sequence is its length alone: there is nothing to align for.
    if (eightOctets > 0) reader.skipFloat64(eightOctets, field);
    lengths[each] = eightOctets;
  }
  const count = reader.sequence('string_array_value', 4);
  const strings = Array.from({ length: count }, (_, at) => reader.string(`string_array_value[${at}]`));
  if (type === 'bool') return { type, value: bool };
  if (type === 'double') return { type, value: double };
  if (type === 'string_array') return { type, value: strings };
  return lengths[type] === 0 ? { type, empty: true } : { type };
}

export function writeParameterValue(writer: CdrWriter, value: ParameterValue): void {
  writer.uint8(parameterTypeNumber(value.type));
  writer.boolean(value.type === 'bool' && value.value);
  writer.uint64(0n);
  writer.float64(value.type === 'double' ? value.value : 0);
  writer.string('');
  for (let emptyArrays = 0; emptyArrays < 4; emptyArrays += 1) writer.uint32(0);
  const strings = value.type === 'string_array' ? value.value : [];
  writer.uint32(strings.length);
  for (const text of strings) writer.string(text);
}

export function writeParameterDescriptor(writer: CdrWriter, descriptor: ParameterDescriptor): void {
  const { name, type, description, constraints = '', range } = descriptor;
  writer.string(name);
  writer.uint8(parameterTypeNumber(type));
  writer.string(description);
  writer.string(constraints);
  writer.boolean(false);
  writer.boolean(false);
  writer.uint32(range === undefined ? 0 : 1);
  if (range !== undefined) {
    writer.float64(range.from);
    writer.float64(range.to);
    writer.float64(0);
  }
  writer.uint32(0);
}
