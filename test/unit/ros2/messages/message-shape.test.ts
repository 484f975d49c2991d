import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CdrWriter,
  fieldPath,
  fieldPaths,
  type IndividualTypeDescription,
  readFields,
  shapeOf,
  shippedShape,
  type TypeDescription,
  typeDescription,
} from '../../../../src/ros2/index.ts';
import { descriptionLimits } from '../../../../src/ros2/messages/message-shape.ts';

const field = (name: string, id: number, over: object = {}) => ({
  name,
  type: { type_id: id, capacity: 0, string_capacity: 0, nested_type_name: '', ...over },
});
const nested = (name: string, type: string, id = 1, capacity = 0) =>
  field(name, id, { nested_type_name: type, capacity });
const type = (name: string, ...fields: IndividualTypeDescription['fields']): IndividualTypeDescription => ({
  type_name: name,
  fields,
});
const described = (
  root: IndividualTypeDescription,
  ...referenced: IndividualTypeDescription[]
): TypeDescription => ({ type_description: root, referenced_type_descriptions: referenced });

const name = 'arm_msgs/msg/State';
const joint = type('arm_msgs/msg/Joint', field('name', 17), field('angle', 11));

describe('A description of a type that is not shipped', () => {
  const uint8 = field('a', 3);
  it.each<[what: string, description: TypeDescription, words: string]>([
    ['of another type', described(type('arm_msgs/msg/Other', uint8)), 'it describes arm_msgs/msg/Other'],
    [
      'whose name is none',
      described({ type_name: name, fields: [nested('a', 'x')] }, type('x', uint8)),
      'not a name of a message',
    ],
    ['without fields', described(type(name)), 'has 0 fields'],
    [
      'with too many fields',
      described(type(name, ...Array.from({ length: 257 }, (_, at) => field(`f${at}`, 3)))),
      '1 to 256',
    ],
    ['with a field of no name', described(type(name, field('', 3))), 'not a name of a field'],
    ['with a field twice', described(type(name, uint8, uint8)), 'not a name of a field'],
    ['with a field like a path', described(type(name, field('a.b', 3))), 'not a name of a field'],
    ['with a field of a long name', described(type(name, field('a'.repeat(65), 3))), 'not a name of a field'],
    ['with wide characters', described(type(name, field('a', 18))), 'kind 18'],
    ['with a list of wide characters', described(type(name, field('a', 18 + 144))), 'kind 162'],
    ['of an unknown kind', described(type(name, field('a', 0))), 'kind 0'],
    ['of a kind beyond all', described(type(name, field('a', 195))), 'kind 195'],
    ['that does not say what a field is', described(type(name, field('a', 1))), 'what it is made of'],
    [
      'that says it of a number',
      described(type(name, field('a', 3, { nested_type_name: joint.type_name })), joint),
      'what it is made of',
    ],
    [
      'that is not whole',
      described(type(name, nested('a', joint.type_name))),
      'does not describe arm_msgs/msg/Joint',
    ],
    ['with a type twice', described(type(name, nested('a', joint.type_name)), joint, joint), 'twice'],
    ['with more than there is', described(type(name, uint8), joint), 'no field uses'],
    ['of itself', described(type(name, nested('a', name))), 'made of itself'],
    [
      'in a circle',
      described(type(name, nested('a', 'a_msgs/msg/A')), type('a_msgs/msg/A', nested('b', name, 145))),
      'made of itself',
    ],
    ['with an array of none', described(type(name, field('a', 3 + 48))), 'has 0 elements'],
    [
      'with an array without an end',
      described(type(name, field('a', 3 + 48, { capacity: 2 ** 60 }))),
      'at most 65536',
    ],
  ])('is refused %s', (_, description, words) => {
    expect(() => shapeOf(name, description)).toThrow(
      expect.objectContaining({ code: 'ros-type-description', message: expect.stringContaining(words) }),
    );
  });

  /** Each made of the next one, `each` times. */
  const chain = (length: number, each: number) => {
    const at = (index: number) => `deep_msgs/msg/T${index}`;
    const types = Array.from({ length }, (_, index) =>
      index === length - 1
        ? type(at(index), field('a', 3))
        : type(at(index), ...Array.from({ length: each }, (__, one) => nested(`f${one}`, at(index + 1)))),
    );
    return described(types[0]!, ...types.slice(1));
  };

  it('is refused where its types lie too deep, or stand for too many values, and that at once', () => {
    const { depth } = descriptionLimits;
    expect(fieldPaths(shapeOf('deep_msgs/msg/T0', chain(depth, 1)))).toHaveLength(1);
    expect(() => shapeOf('deep_msgs/msg/T0', chain(depth + 1, 1))).toThrow('more than 16 deep');
    expect(() => shapeOf('deep_msgs/msg/T0', chain(depth, 250))).toThrow('more than 2048 values');
    expect(() => shapeOf('deep_msgs/msg/T0', chain(65, 1))).toThrow('more than 64 types');
  });

  it('of any form is taken or refused with its reason, and what is taken reads any bytes or refuses them', () => {
    const names = ['a_msgs/msg/A', 'a_msgs/msg/B', 'a_msgs/msg/C', '', 'x'];
    const anyField = fc.record({
      name: fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor'),
      type: fc.record({
        type_id: fc.nat(255),
        capacity: fc.oneof(fc.nat(4), fc.nat()),
        string_capacity: fc.nat(4),
        nested_type_name: fc.constantFrom(...names),
      }),
    });
    const value = fc
      .record({ id: fc.constantFrom(2, 3, 5, 9, 11, 15, 17, 21), list: fc.constantFrom(0, 48, 96, 144) })
      .map(({ id, list }) => field('a', id + list, { capacity: 2 }));
    const part = fc.constantFrom(1, 49, 97, 145).map((id) => nested('b', 'a_msgs/msg/B', id, 2));
    const numbered = (list: IndividualTypeDescription['fields']) =>
      list.map((each, at) => ({ ...each, name: each.name && `${each.name}${at}` }));
    const [first = '', second = ''] = names;
    const whole = fc
      .tuple(
        fc.array(fc.oneof(value, part), { minLength: 1, maxLength: 4 }),
        fc.array(value, { minLength: 1, maxLength: 4 }),
      )
      .map(([own, below]) => {
        const parts = own.some(({ name: each }) => each === 'b') ? [type(second, ...numbered(below))] : [];
        return described(type(first, ...numbered(own)), ...parts);
      });
    const fields = fc.array(anyField, { maxLength: 4 });
    const types = fc.array(fc.record({ type_name: fc.constantFrom(...names), fields }), { maxLength: 4 });
    const any = fc
      .tuple(fields, types)
      .map(([own, referenced]) => described(type(first, ...numbered(own)), ...referenced));
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(any, whole), fc.uint8Array({ maxLength: 64 }), (description, octets) => {
        try {
          const shape = shapeOf(first, description);
          taken += 1;
          const paths = fieldPaths(shape);
          for (const { path } of paths) expect(fieldPath(shape, path).path).toBe(path);
          const bytes = Uint8Array.from([0, 1, 0, 0, ...octets]);
          const found = readFields(
            shape,
            bytes,
            paths.map(({ path }) => path),
          );
          for (const key of found.keys()) expect(paths.map(({ path }) => path)).toContain(key);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(ros-type-description|cdr-)/) });
        }
      }),
      { numRuns: 2000 },
    );
    // Otherwise the second half of the property would be empty.
    expect(taken).toBeGreaterThan(50);
  });

  it('of our own types are taken as they are', () => {
    for (const each of ['nav_msgs/msg/Odometry', 'sensor_msgs/msg/BatteryState'] as const)
      expect(shapeOf(each, typeDescription(each))).toEqual(shippedShape(each));
  });
});

describe('A message of such a type', () => {
  const shape = shapeOf(
    name,
    described(
      type(
        name,
        field('flags', 3 + 96, { capacity: 8 }),
        field('words', 17 + 144),
        nested('joints', joint.type_name, 145),
        nested('pair', joint.type_name, 49, 2),
        field('letter', 13),
        field('octet', 16),
        field('label', 21, { string_capacity: 5 }),
        field('row', 9 + 48, { capacity: 2 }),
        field('last', 5),
      ),
      joint,
    ),
  );

  function write(words: number, joints: number) {
    const writer = new CdrWriter();
    const text = (count: number, each: () => void) => {
      for (let at = 0; at < count; at += 1) each();
    };
    const oneJoint = () => {
      writer.string('elbow');
      writer.float64(0.5);
    };
    writer.octets(Uint8Array.of(7, 8));
    writer.uint32(words);
    text(words, () => writer.string('abc'));
    writer.uint32(joints);
    text(joints, oneJoint);
    text(2, oneJoint);
    writer.uint8(65);
    writer.uint8(200);
    writer.string('left');
    writer.uint64(1n);
    writer.uint64(2n);
    writer.uint16(4242);
    return writer.finish();
  }

  it('is read behind lists of texts and structures, and a sequence with a limit is as long as it says', () => {
    const paths = ['flags[1]', 'words[0]', 'letter', 'octet', 'label', 'row[1]', 'last'];
    expect(Object.fromEntries(readFields(shape, write(3, 2), paths))).toEqual({
      ...{ 'flags[1]': 8, 'words[0]': 'abc', letter: 65, octet: 200, label: 'left', 'row[1]': 2, last: 4242 },
    });
    expect(readFields(shape, write(0, 0), ['last', 'words[0]'])).toEqual(new Map([['last', 4242]]));
    expect(() => fieldPath(shape, 'joints[0].angle')).toThrow('has no field joints[0].angle');
  });

  it.each([
    ['fixed[1]', true],
    ['fixed[2]', false],
    ['limited[2]', true],
    ['limited[3]', false],
    ['free[63]', true],
    ['free[64]', false],
    ['free[0]', true],
    ['free[00]', false],
    ['free[01]', false],
    ['free[]', false],
    ['single', true],
    ['single[0]', false],
  ])('can be asked for %s: %s, as one of its messages can have it', (path, can) => {
    const lists = shapeOf(
      name,
      described(
        type(
          name,
          field('fixed', 11 + 48, { capacity: 2 }),
          field('limited', 11 + 96, { capacity: 3 }),
          field('free', 11 + 144),
          field('single', 11),
        ),
      ),
    );
    if (can) expect(fieldPath(lists, path)).toEqual({ path, kind: 'number' });
    else
      expect(() => fieldPath(lists, path)).toThrow(expect.objectContaining({ code: 'ros-observed-field' }));
  });

  it('is read behind a list of numbers of any length', () => {
    const scan = shapeOf(name, described(type(name, field('ranges', 10 + 144), field('last', 5))));
    const writer = new CdrWriter();
    writer.uint32(15_000);
    for (let at = 0; at < 15_000; at += 1) writer.float32(1.5);
    writer.uint16(4242);
    expect(readFields(scan, writer.finish(), ['last', 'ranges[63]'])).toEqual(
      new Map([
        ['ranges[63]', 1.5],
        ['last', 4242],
      ]),
    );
  });

  it('is read with 8192 texts and structures in its lists, and refused with one more', () => {
    // The first 64 texts of a list can be asked for and are not counted; the pair is a list of two.
    expect(readFields(shape, write(64 + 4096, 4094), ['last']).get('last')).toBe(4242);
    expect(readFields(shape, write(64 + 8190, 0), ['last']).get('last')).toBe(4242);
    expect(() => readFields(shape, write(64 + 4096, 4095), ['last'])).toThrow(
      expect.objectContaining({ code: 'ros-observed-long' }),
    );
  });

  it('with very long lists is refused, and every cut of one is', () => {
    expect(readFields(shape, write(70, 70), ['last']).get('last')).toBe(4242);
    const many = Uint8Array.from(write(4000, 4000));
    expect(() => readFields(shape, many, ['last'])).not.toThrow();
    const wide = shapeOf(
      name,
      described(type(name, ...['a', 'b', 'c'].map((each) => field(each, 17 + 144)))),
    );
    const writer = new CdrWriter();
    for (let list = 0; list < 3; list += 1) {
      writer.uint32(4000);
      for (let at = 0; at < 4000; at += 1) writer.string('');
    }
    expect(() => readFields(wide, writer.finish(), [])).toThrow(
      expect.objectContaining({ code: 'ros-observed-long' }),
    );
    const whole = write(3, 2);
    for (let length = 4; length < whole.length; length += 1)
      expect(() => readFields(shape, whole.subarray(0, length), ['last'])).toThrow('ends inside');
  });
});
