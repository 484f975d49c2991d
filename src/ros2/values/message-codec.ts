import { InputError } from '../../base/index.ts';
import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { fieldParts, type MessageShape } from '../messages/message-shape.ts';
import { type MessageStruct, type MessageValue, octetKinds, valueKinds } from './value-kinds.ts';

/** Values of one message that are read: each costs its reading. Octets in lists are not counted one by one. */
const mostReadValues = 8192;

/** `message` has every field of its shape, each with a value of its kind (request-check.ts). */
export function writeMessage(
  writer: CdrWriter,
  shape: MessageShape,
  message: MessageStruct,
  type = shape.name,
): void {
  for (const field of shape.types.get(type)?.fields ?? []) {
    const { base, nested, list, count } = fieldParts(field);
    const value = message[field.name] as MessageValue;
    const one = (each: MessageValue) => {
      if (nested === '') valueKinds[base]!.write(writer, each);
      else writeMessage(writer, shape, each as MessageStruct, nested);
    };
    if (!list) one(value);
    else if (value instanceof Uint8Array) {
      if (count === undefined) writer.octets(value);
      else writer.fixedOctets(value);
    } else {
      const values = value as readonly MessageValue[];
      if (count === undefined) writer.uint32(values.length);
      for (const each of values) one(each);
    }
  }
}

/** The whole of a message that somebody sent. Throws an InputError for one that can't be read, or has too many values. */
export function readMessage(reader: CdrReader, shape: MessageShape): MessageStruct {
  return readStruct({ reader, shape, left: mostReadValues }, shape.name, '');
}

interface Reading {
  readonly reader: CdrReader;
  readonly shape: MessageShape;
  left: number;
}

function readStruct(reading: Reading, type: string, prefix: string): MessageStruct {
  const { reader, shape } = reading;
  return Object.fromEntries(
    (shape.types.get(type)?.fields ?? []).map((field): [string, MessageValue] => {
      const path = `${prefix}${field.name}`;
      const { base, nested, list, count } = fieldParts(field);
      if (!list) return [field.name, readOne(reading, base, nested, path)];
      if (nested === '' && octetKinds.has(base)) {
        take(reading, path);
        const octets = count === undefined ? reader.octets(path) : reader.fixedOctets(count, path);
        // The message is given back.
        return [field.name, Uint8Array.from(octets)];
      }
      const length = count ?? reader.sequence(path, 1);
      if (length > reading.left) throw tooLong(reading, path);
      const values = Array.from({ length }, (_, at) => readOne(reading, base, nested, `${path}[${at}]`));
      return [field.name, values];
    }),
  );
}

function readOne(reading: Reading, base: number, nested: string, path: string): MessageValue {
  take(reading, path);
  if (nested === '') return valueKinds[base]!.read(reading.reader, path);
  return readStruct(reading, nested, `${path}.`);
}

function take(reading: Reading, path: string): void {
  if (reading.left === 0) throw tooLong(reading, path);
  reading.left -= 1;
}

function tooLong({ shape }: Reading, path: string): InputError {
  return new InputError(
    'ros-reply-long',
    `A ${shape.name} message is not read: up to ${path} it has more than ${mostReadValues} values.`,
    'Call a service whose answers are shorter.',
  );
}
