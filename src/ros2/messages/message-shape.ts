import { InputError } from '../../base/index.ts';
import type { ObservedType } from './observed-types.ts';
import {
  describeType,
  type IndividualTypeDescription,
  referred,
  type TypeDescription,
} from './type-description.ts';

/** A message and all the messages that it is made of, by their names. */
export interface MessageShape {
  readonly name: string;
  readonly types: ReadonlyMap<string, IndividualTypeDescription>;
}

/** Of a type whose definition is ours. */
export function shippedShape(type: ObservedType): MessageShape {
  return { name: type, types: new Map([type, ...referred(type)].map((name) => [name, describeType(name)])) };
}

/** Limits of a description from another node. */
export const descriptionLimits = {
  ...{ types: 64, fields: 256, depth: 16, values: 2048 },
  ...{ capacity: 65_536, fieldName: 64 },
};

/** A message, or a part of a service. */
const typeName = /^[a-z][a-z0-9_]*\/(?:msg|srv)\/[A-Z][A-Za-z0-9_]*$/;
const fieldName = /^[a-zA-Z]\w*$/;
const maxName = 255;

/**
 * By the ids of type_description_interfaces/msg/FieldType: numbers, bool, char, byte, and texts with a limit or without. Wide
 * characters and texts of a fixed length are not among them: middlewares write them in different ways.
 */
const readableKinds: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 21]);
const nestedKind = 1;
/** Added to the id of what they hold: arrays, sequences with a limit and without. */
const arrayOffset = 48;
const boundedOffset = 96;
const unboundedOffset = 144;
const ends = 192;

type Field = IndividualTypeDescription['fields'][number];

export interface FieldParts {
  /** Of each value: an id of FieldType without what says that it is a list. */
  readonly base: number;
  /** The message that each value is; empty for none. */
  readonly nested: string;
  readonly list: boolean;
  /** Elements of an array; undefined for what has any number of them. */
  readonly count: number | undefined;
  /** Elements of a list. */
  readonly most: number;
}

export function fieldParts({ type: { type_id: id, capacity, nested_type_name: nested } }: Field): FieldParts {
  const list = id > arrayOffset;
  const count = list && id < boundedOffset ? capacity : undefined;
  const bounded = list && id < unboundedOffset;
  return { base: id % arrayOffset, nested, list, count, most: bounded ? capacity : Number.POSITIVE_INFINITY };
}

/**
 * A description that came from outside as a shape; `name` is the type that was asked for. Throws an InputError for one that
 * is of another type, is not whole, goes in a circle, is above the limits, or has a field that can't be read here.
 */
export function shapeOf(name: string, description: TypeDescription): MessageShape {
  const { type_description: root, referenced_type_descriptions: referenced } = description;
  const refuse = refusal(name);
  if (root.type_name !== name) throw refuse(`it describes ${root.type_name.slice(0, maxName)}`);
  if (referenced.length >= descriptionLimits.types)
    throw refuse(`it is made of more than ${descriptionLimits.types} types`);
  const types = new Map<string, IndividualTypeDescription>();
  for (const type of [root, ...referenced]) {
    if (!typeName.test(type.type_name) || type.type_name.length > maxName)
      throw refuse(`"${type.type_name.slice(0, maxName)}" is not a name of a message`);
    if (types.has(type.type_name)) throw refuse(`it describes ${type.type_name} twice`);
    checkFields(type, refuse);
    types.set(type.type_name, type);
  }
  const measured = new Map<string, Measure | undefined>();
  measure(name, types, measured, refuse);
  const unused = [...types.keys()].find((each) => !measured.has(each));
  if (unused !== undefined) throw refuse(`it describes ${unused}, which no field uses`);
  return { name, types };
}

type Refuse = (what: string) => InputError;

function refusal(name: string): Refuse {
  return (what) =>
    new InputError(
      'ros-type-description',
      `The description of the type ${name.slice(0, maxName)} can't be used: ${what}.`,
      'Observe a topic of another type, or let a node publish the field that is meant as one of std_msgs.',
    );
}

function checkFields({ type_name: type, fields }: IndividualTypeDescription, refuse: Refuse): void {
  const { fields: most, capacity: mostInArray, fieldName: longest } = descriptionLimits;
  if (fields.length === 0 || fields.length > most)
    throw refuse(`${type} has ${fields.length} fields, where 1 to ${most} are allowed`);
  const names = new Set<string>();
  for (const { name, type: field } of fields) {
    if (!fieldName.test(name) || name.length > longest || names.has(name))
      throw refuse(`"${name.slice(0, longest)}" is not a name of a field of ${type}`);
    names.add(name);
    const kind = field.type_id % arrayOffset;
    const known = kind === nestedKind || readableKinds.has(kind);
    if (!known || field.type_id >= ends)
      throw refuse(
        `${type}.${name} is of the kind ${field.type_id}, which can't be read (wide characters, or unknown)`,
      );
    if ((kind === nestedKind) !== (field.nested_type_name !== ''))
      throw refuse(`${type}.${name} does not say what it is made of`);
    const isArray = field.type_id > arrayOffset && field.type_id < boundedOffset;
    if (isArray && !(field.capacity >= 1 && field.capacity <= mostInArray))
      throw refuse(
        `the array ${type}.${name} has ${field.capacity} elements, at most ${mostInArray} are allowed`,
      );
  }
}

interface Measure {
  /** Types that lie in each other, itself included. */
  readonly depth: number;
  /** Values outside of lists, of itself and of what it is made of. */
  readonly values: number;
}

/** Each type once, however many are made of it: a short description may stand for very many paths. */
function measure(
  name: string,
  types: MessageShape['types'],
  measured: Map<string, Measure | undefined>,
  refuse: Refuse,
): Measure {
  if (measured.has(name)) {
    const known = measured.get(name);
    if (known === undefined) throw refuse(`${name} is made of itself`);
    return known;
  }
  const type = types.get(name);
  if (type === undefined) throw refuse(`it does not describe ${name.slice(0, maxName)}`);
  measured.set(name, undefined);
  let depth = 1;
  let values = 0;
  for (const { type: field } of type.fields) {
    const part =
      field.nested_type_name === ''
        ? { depth: 0, values: 1 }
        : measure(field.nested_type_name, types, measured, refuse);
    depth = Math.max(depth, 1 + part.depth);
    values += field.type_id === nestedKind ? part.values : 1;
  }
  if (depth > descriptionLimits.depth)
    throw refuse(`its types are nested more than ${descriptionLimits.depth} deep`);
  if (values > descriptionLimits.values) throw refuse(`it has more than ${descriptionLimits.values} values`);
  measured.set(name, { depth, values });
  return { depth, values };
}
