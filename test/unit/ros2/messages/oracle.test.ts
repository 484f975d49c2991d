import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { CdrWriter, serviceTypeHashes, typeHashes } from '../../../../src/ros2/index.ts';
import {
  definitions,
  describeType,
  ownDefinition,
  primitives,
  shippedMessages,
  shippedParts,
  textOf,
} from './definitions.ts';
import {
  bondStatus,
  bool,
  clock,
  diagnostics,
  graph,
  logLine,
  services,
  transforms,
  transitionEvent,
} from './node-subjects.ts';
import { parameterEvent } from './parameter-subjects.ts';
import {
  cameraInfo,
  compressedImage,
  detections,
  detections3d,
  image,
  labelInfo,
  modelEvent,
  perceptionInfo,
  visionInfo,
} from './perception-subjects.ts';
import { robotSubjects } from './robot-subjects.ts';
import type { Subject } from './subjects.ts';

/*
 * Our readers and writers against a library that knows a message from its .msg definition alone (@foxglove/rosmsg parses it,
 * rosmsg2-serialization reads and writes it): any value goes from one to the other and stays what it was.
 */

const parsed = (type: string) => parse(textOf(type), { ros2: true });

function libraryOf(type: string, change = (text: string) => text) {
  const definition = parse(change(textOf(type)), { ros2: true });
  const reader = new MessageReader(definition);
  const writer = new MessageWriter(definition);
  return {
    /** All of the bytes, or there was a field more than the definition has. */
    read: (bytes: Uint8Array): unknown => {
      const value = reader.readMessage(bytes);
      expect(reader.lastReadByteLength()).toBe(bytes.length);
      return value;
    },
    /** Bytes with nothing of the library's buffer around them. */
    write: (value: unknown) => Uint8Array.from(writer.writeMessage(value)),
  };
}

const subjects: Subject[] = [
  labelInfo,
  visionInfo,
  detections3d,
  image,
  compressedImage,
  cameraInfo,
  clock,
  transforms,
  detections,
  diagnostics,
  parameterEvent,
  bool,
  transitionEvent,
  bondStatus,
  logLine,
  perceptionInfo,
  modelEvent,
  graph(16),
  graph(24),
  ...services,
  ...robotSubjects,
];
const labelled = (items: readonly Subject[]) =>
  items.map((item): [string, Subject] => [item.label ?? item.type, item]);

describe('What we write, the library reads from the definition', () => {
  it.each(labelled(subjects.filter(({ written }) => written)))('%s', (_, { type, change, written }) => {
    if (written === undefined) return;
    const library = libraryOf(type, change);
    fc.assert(
      fc.property(written, fc.boolean(), ({ ros, by }, littleEndian) => {
        const writer = new CdrWriter({ littleEndian });
        by(writer);
        expect(library.read(Uint8Array.from(writer.finish()))).toEqual(ros);
      }),
    );
  });
});

describe('What the library writes from the definition', () => {
  const readable = labelled(subjects.filter(({ read }) => read));

  it.each(readable)('%s is read by us', (_, { type, change, read }) => {
    if (read === undefined) return;
    const library = libraryOf(type, change);
    fc.assert(
      fc.property(read.pairs, ({ ours, ros }) => {
        expect(read.by(library.write(ros))).toEqual(ours);
      }),
    );
  });

  it.each(readable)('%s is refused with a remedy where it is cut', (_, { type, change, read }) => {
    if (read === undefined) return;
    const library = libraryOf(type, change);
    const inputs = read.pairs.map(({ ros }) => library.write(ros));
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (bytes, where) => {
        const cut = bytes.subarray(0, Math.floor(where * bytes.length));
        expect(refusal(() => read.by(cut))).toBe('cdr-truncated');
      }),
    );
  });

  it.each(readable)('%s with an octet changed is a value or a documented error', (_, subject) => {
    const { type, change, read } = subject;
    if (read === undefined) return;
    const library = libraryOf(type, change);
    const inputs = read.pairs.map(({ ros }) => library.write(ros));
    const documented = [undefined, 'cdr-truncated', 'cdr-too-large', 'cdr-encapsulation', 'ros-stamp'];
    fc.assert(
      fc.property(inputs, fc.nat(), fc.nat({ max: 255 }), (bytes, at, octet) => {
        bytes[at % bytes.length] = octet;
        expect(documented).toContain(refusal(() => read.by(bytes)));
      }),
    );
  });
});

/** The code of the InputError; any other error is none of ours and goes on. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InputError && error.remedy !== '') return error.code;
    throw error;
  }
}

describe('The definitions', () => {
  /** Of octets the library does not say whether they are called uint8, char or byte; times are one type to it. */
  const plain = (name: string) => {
    const octet = (id: number) => (id % 48 === primitives.byte ? id - 16 + 3 : id);
    return describeType(name).fields.map(({ name: field, type }) => ({
      field,
      ...type,
      type_id: octet(type.type_id),
    }));
  };
  const byLibrary = (name: string) =>
    (parsed(name)[0]?.definitions ?? []).map((field) => {
      const { type, isArray, arrayLength, arrayUpperBound, upperBound } = field;
      const nested = fullName(type);
      const isPrimitive = type in primitives;
      const base = isPrimitive ? (upperBound === undefined ? primitives[type] : 21) : 1;
      const sequence = arrayUpperBound === undefined ? 144 : 96;
      const offset = isArray !== true ? 0 : arrayLength === undefined ? sequence : 48;
      return {
        field: field.name,
        type_id: (base ?? 0) + offset,
        capacity: arrayLength ?? arrayUpperBound ?? 0,
        string_capacity: upperBound ?? 0,
        nested_type_name: isPrimitive ? '' : nested,
      };
    });

  const fullName = (type: string) =>
    type === 'time'
      ? 'builtin_interfaces/msg/Time'
      : type.replace('/', type.includes('SwapModel_') ? '/action/' : '/msg/');

  it.each(Object.keys(definitions))('of %s: the hashed text is what the library parses', (name) => {
    expect(plain(name)).not.toEqual([]);
    expect(plain(name)).toEqual(byLibrary(name));
  });

  it('are there for every message and service that has a hash, and every such message is compared', () => {
    const messages = Object.keys(typeHashes).filter((type) => !/\/(Header|Detection2D)$/.test(type));
    const halves = Object.keys(serviceTypeHashes).flatMap((type) => [`${type}_Request`, `${type}_Response`]);
    const compared = subjects.map(({ type }) => type);
    for (const type of [...messages, ...halves]) expect(compared).toContain(type);
  });

  it('that are shipped are those that have a hash, and those that CMake builds', () => {
    const shipped = [...shippedMessages.keys()].sort();
    const hashed = Object.keys(typeHashes).filter((type) => type.startsWith('goshawk_msgs/'));
    const messages = hashed.filter((type) => type.includes('/msg/'));
    expect(messages.map((type) => type.replace('goshawk_msgs/msg/', '')).sort()).toEqual(shipped);
    const cmake = readFileSync(
      path.join(import.meta.dirname, '../../../../deploy/ros2/goshawk_msgs/CMakeLists.txt'),
      'utf8',
    );
    const built = [...cmake.matchAll(/"msg\/(\w+)\.msg"/g)].map((match) => match[1]).sort();
    expect(built).toEqual(shipped);
    for (const name of shipped) expect(definitions[`goshawk_msgs/msg/${name}`]).toBe(ownDefinition(name));
    const ofParts = [...cmake.matchAll(/"(?:srv|action)\/(\w+)\.(?:srv|action)"/g)]
      .map((match) => match[1])
      .sort();
    expect(ofParts).toEqual(shippedParts.map(({ name }) => name).sort());
    for (const { parts } of shippedParts)
      for (const [type, definition] of Object.entries(parts)) expect(definitions[type]).toBe(definition);
  });

  /** Names of fields in the order of the bytes: where a message is cut, our reader says inside which field. */
  const namesInErrors = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown) => {
    const names: string[] = [];
    for (let length = 4; length < bytes.length; length += 1) {
      try {
        read(bytes.subarray(0, length));
      } catch (error) {
        const name = /it ends inside (\S+),/.exec(String(error))?.[1] ?? String(error);
        if (names.at(-1) !== name) names.push(name);
      }
    }
    return names;
  };
  const leaves = (type: string): string[] =>
    describeType(type).fields.flatMap(({ name, type: { nested_type_name: nested } }) =>
      nested === '' ? [name] : leaves(nested).map((leaf) => `${name}.${leaf}`),
    );

  it.each([image, compressedImage, perceptionInfo, modelEvent])(
    'give $type the names of its fields, in the order in which our reader takes them',
    ({ type, read }) => {
      const bytes = libraryOf(type).write(type.endsWith('Image') ? { data: Uint8Array.of(1) } : {});
      expect(namesInErrors(bytes, (cut) => read?.by(cut))).toEqual(leaves(type));
    },
  );
});
