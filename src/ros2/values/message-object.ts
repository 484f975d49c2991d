import { InputError } from '../../base/index.ts';
import { fieldParts, type MessageShape } from '../messages/message-shape.ts';
import { nothing } from '../messages/nothing.ts';
import { type MessageStruct, type MessageValue, octetKinds, textKinds } from './value-kinds.ts';

const largeKinds: ReadonlySet<number> = new Set([8, 9]);
const boolean = 15;
/** As many as of a message that is read here. */
const mostValues = 8192;

/**
 * A message as a library gives it: an object of its fields, lists as arrays or typed arrays, numbers of 64 bits in any form. One
 * without fields is an empty object. Throws an InputError for one that lacks a field, as where the library knows another version of
 * the type.
 */
export function messageOfObject(shape: MessageShape, given: unknown): MessageStruct {
  return structOf({ shape, left: mostValues }, shape.name, given, '');
}

interface Walk {
  readonly shape: MessageShape;
  left: number;
}

function structOf(walk: Walk, type: string, given: unknown, prefix: string): MessageStruct {
  const isObject = typeof given === 'object' && given !== null;
  const object = (isObject ? given : {}) as Record<string, unknown>;
  return Object.fromEntries(
    (walk.shape.types.get(type)?.fields ?? []).map((field): [string, MessageValue] => {
      const path = `${prefix}${field.name}`;
      const { base, nested, list } = fieldParts(field);
      const value = object[field.name] ?? (isObject && field.name === nothing ? 0 : undefined);
      if (!list) return [field.name, singleOf(walk, base, nested, value, path)];
      if (typeof value !== 'object' || value === null || !('length' in value)) throw refusal(walk, path);
      const values = Array.from(value as ArrayLike<unknown>);
      if (nested === '' && octetKinds.has(base)) return [field.name, Uint8Array.from(values as number[])];
      return [field.name, values.map((each, at) => singleOf(walk, base, nested, each, `${path}[${at}]`))];
    }),
  );
}

function singleOf(walk: Walk, base: number, nested: string, value: unknown, path: string): MessageValue {
  walk.left -= 1;
  if (walk.left < 0 || value === undefined || value === null) throw refusal(walk, path);
  if (nested !== '') return structOf(walk, nested, value, `${path}.`);
  if (largeKinds.has(base)) return BigInt(value as bigint);
  if (textKinds.has(base)) return String(value);
  return base === boolean ? Boolean(value) : Number(value);
}

function refusal({ shape, left }: Walk, path: string): InputError {
  const why = left < 0 ? `it has more than ${mostValues} values` : `it has no ${path}`;
  return new InputError(
    'ros-reply-object',
    `A ${shape.name} message of the ROS 2 library can't be read: ${why}.`,
    'Let the workspace that is sourced have the version of its package that the folder of ros.bridge.messages has.',
  );
}
