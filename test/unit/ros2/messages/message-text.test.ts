import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldPaths, hashedText, shapeByTexts, typeHashes } from '../../../../src/ros2/index.ts';
import { readMessageText } from '../../../../src/ros2/messages/message-text.ts';
import { shippedMessages, textOf } from './definitions.ts';

const hash = (text: string) => `RIHS01_${createHash('sha256').update(text).digest('hex')}`;

describe('The text of a .msg file', () => {
  it('is its fields with their defaults, without constants and comments', () => {
    const text = [
      '# A state of the arm.',
      'uint8 IDLE=0',
      'string   GREETING = "a # b"',
      '',
      'Joint[] joints   # all of them',
      'std_msgs/Header header',
      'string<=10[<=5] names ["a", "b"]',
      'float64[3] weights [1.0, 2.0, 3.0]',
      'int32 mode 7',
      'time at',
      'char letter\r',
    ].join('\n');
    const { fields } = readMessageText('arm_msgs/msg/State', text);
    const of = (name: string, type_id: number, nested_type_name = '', capacity = 0, string_capacity = 0) => ({
      name,
      type: { type_id, capacity, string_capacity, nested_type_name },
    });
    expect(fields).toEqual([
      of('joints', 145, 'arm_msgs/msg/Joint'),
      of('header', 1, 'std_msgs/msg/Header'),
      { ...of('names', 21 + 96, '', 5, 10), default_value: '["a", "b"]' },
      { ...of('weights', 11 + 48, '', 3), default_value: '[1.0, 2.0, 3.0]' },
      { ...of('mode', 6), default_value: '7' },
      of('at', 1, 'builtin_interfaces/msg/Time'),
      of('letter', 3),
    ]);
  });

  it('of none has the field that rosidl gives it, and a line that is no field is refused', () => {
    expect(readMessageText('a_msgs/msg/A', '# nothing\n').fields).toMatchObject([
      { name: 'structure_needs_at_least_one_member', type: { type_id: 3 } },
    ]);
    expect(() => readMessageText('a_msgs/msg/A', 'uint8')).toThrow(
      expect.objectContaining({ code: 'ros-message-text' }),
    );
  });

  it.each([...shippedMessages.keys()])('goshawk_msgs/msg/%s has the hash of its type', (name) => {
    const found = shapeByTexts(`goshawk_msgs/msg/${name}`, (type) =>
      type.startsWith('goshawk_msgs/') ? shippedMessages.get(name) : undefined,
    );
    const type = `goshawk_msgs/msg/${name}` as keyof typeof typeHashes;
    expect(hash(hashedText(found!.description))).toBe(typeHashes[type]);
  });

  it('of types of others, as bags carry them, has the hash of its type', () => {
    for (const type of [
      'nav_msgs/msg/Odometry',
      'sensor_msgs/msg/BatteryState',
      'rcl_interfaces/msg/Log',
    ] as const) {
      const found = shapeByTexts(type, (each) =>
        each === type ? textOf(type).split(`\n${'='.repeat(80)}`)[0] : undefined,
      );
      expect(hash(hashedText(found!.description))).toBe(typeHashes[type]);
    }
  });

  it('is missing as a whole, or in a part, which is told', () => {
    expect(shapeByTexts('arm_msgs/msg/State', () => undefined)).toBeUndefined();
    expect(() =>
      shapeByTexts('arm_msgs/msg/State', (type) => (type.endsWith('State') ? 'Joint[] joints' : undefined)),
    ).toThrow('no definition of arm_msgs/msg/Joint');
  });

  it('in a circle, or without an end, is refused', () => {
    expect(() => shapeByTexts('a_msgs/msg/A', () => 'A a')).toThrow('made of itself');
    let number = 0;
    const next = () => {
      number += 1;
      return `T${number} a\nT${number + 1000} b`;
    };
    expect(() => shapeByTexts('a_msgs/msg/A', next)).toThrow();
    expect(number).toBeLessThan(200);
  });

  it('of any form is taken or refused with its reason', () => {
    const word = fc.constantFrom(
      'uint8',
      'string',
      'wstring',
      'A',
      'a_msgs/B',
      '[]',
      '[<=3]',
      '[2]',
      '<=4',
      ' ',
      'x',
      '=1',
      '#',
      '\n',
      '"',
    );
    const words = fc.array(word, { maxLength: 6 }).map((some) => some.join(''));
    const field = fc
      .tuple(
        fc.constantFrom('uint8', 'string', 'string<=4', 'float64[2]', 'bool[<=3]', 'char[]'),
        fc.constantFrom('x', 'y', 'z'),
        words,
      )
      .map(([type, name, behind]) => `${type} ${name}${behind}`);
    const texts = fc.array(fc.oneof({ weight: 3, arbitrary: field }, words), { maxLength: 4 });
    let taken = 0;
    fc.assert(
      fc.property(texts, (lines) => {
        const text = lines.join('\n');
        try {
          const { shape } = shapeByTexts('a_msgs/msg/A', () => text)!;
          const names = shape.types.get('a_msgs/msg/A')!.fields.map(({ name }) => name);
          expect(fieldPaths(shape).map(({ path }) => path.replace(/\[.*/, ''))).toEqual(names);
          if (names[0] !== 'structure_needs_at_least_one_member') taken += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ros-(type-description|message-)/) });
        }
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
