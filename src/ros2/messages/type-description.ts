import { typeDefinitions } from './type-definitions.ts';

/** type_description_interfaces/msg/IndividualTypeDescription. */
export interface IndividualTypeDescription {
  readonly type_name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: {
      readonly type_id: number;
      readonly capacity: number;
      readonly string_capacity: number;
      readonly nested_type_name: string;
    };
    /** As its definition writes it; absent where there is none. No part of the hash. */
    readonly default_value?: string;
  }[];
}

/** type_description_interfaces/msg/TypeDescription: what a type hash is taken of. */
export interface TypeDescription {
  readonly type_description: IndividualTypeDescription;
  readonly referenced_type_descriptions: readonly IndividualTypeDescription[];
}

/** Ids of primitive types as in type_description_interfaces/msg/FieldType. */
export const primitiveTypes: Readonly<Record<string, number>> = {
  int8: 2,
  uint8: 3,
  int16: 4,
  uint16: 5,
  int32: 6,
  uint32: 7,
  int64: 8,
  uint64: 9,
  float32: 10,
  float64: 11,
  // A char of a .msg file is an octet in ROS 2's IDL.
  char: 3,
  bool: 15,
  byte: 16,
  string: 17,
  wstring: 18,
};
const boundedTypes: Readonly<Record<string, number>> = { string: 21, wstring: 22 };

const fieldOfDefinition = /^([^[<\s]+)(?:<=(\d+))?(\[(?:<=)?\d*\])?\s+(\w+)(?:\s+(\S.*))?/;

/**
 * `string<=10[<=5] names`, and its default behind it; undefined for what is no field. `named`: the full name of a type that is no primitive one.
 */
export function describeField(
  text: string,
  named: (type: string) => string = (type) => type,
): IndividualTypeDescription['fields'][number] | undefined {
  const [, base, bound, array, name, fallback] = fieldOfDefinition.exec(text) ?? [];
  if (base === undefined || name === undefined) return undefined;
  const capacity = array === undefined ? 0 : Number(array.replace(/[^\d]/g, ''));
  // Fixed arrays, then bounded and unbounded sequences.
  const offset = array === undefined ? 0 : array === '[]' ? 144 : array.startsWith('[<=') ? 96 : 48;
  const primitive = (bound === undefined ? primitiveTypes : boundedTypes)[base];
  return {
    name,
    type: {
      type_id: (primitive ?? 1) + offset,
      capacity,
      string_capacity: Number(bound ?? 0),
      nested_type_name: primitive === undefined ? named(base) : '',
    },
    ...(fallback === undefined ? {} : { default_value: fallback.trimEnd() }),
  };
}

/** Of a type that `typeDefinitions` has. */
export function describeType(type: string): IndividualTypeDescription {
  const fields = (typeDefinitions[type] ?? '').split(', ').flatMap((field) => describeField(field) ?? []);
  return { type_name: type, fields };
}

/** Names of the types that it is made of. */
export function referred(type: string, found = new Set<string>()): Set<string> {
  for (const { type: field } of describeType(type).fields) {
    const nested = field.nested_type_name;
    if (nested === '' || found.has(nested)) continue;
    found.add(nested);
    referred(nested, found);
  }
  return found;
}

/** Those that it refers to in the order of their names. */
export function typeDescription(type: string): TypeDescription {
  return {
    type_description: describeType(type),
    referenced_type_descriptions: [...referred(type)].sort().map(describeType),
  };
}

/**
 * What a type hash is the SHA-256 of (RIHS01, REP-2016): the description as Python's json.dumps writes it, a space after each
 * colon and comma. The names in it hold neither.
 */
export function hashedText({
  type_description: root,
  referenced_type_descriptions: referenced,
}: TypeDescription): string {
  const plain = ({ type_name, fields }: IndividualTypeDescription) => ({
    type_name,
    fields: fields.map(({ name, type: { type_id, capacity, string_capacity, nested_type_name } }) => ({
      ...{ name, type: { type_id, capacity, string_capacity, nested_type_name } },
    })),
  });
  const description = {
    type_description: plain(root),
    referenced_type_descriptions: referenced.map(plain),
  };
  return JSON.stringify(description).replaceAll(':', ': ').replaceAll(',', ', ');
}
