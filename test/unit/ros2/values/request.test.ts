import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CdrReader,
  CdrWriter,
  checkedMessage,
  type MessageShape,
  messageJson,
  readMessage,
  serviceByTexts,
  writeMessage,
} from '../../../../src/ros2/index.ts';

const type = 'dock_msgs/srv/Dock';
const textsOf =
  (request: string, response: string, point = 'float64 x\nfloat32 y') =>
  (name: string) =>
    ({ [type]: `${request}\n---\n${response}`, 'dock_msgs/msg/Point': point })[name];
const partsOf = (request: string, response = '') =>
  serviceByTexts(type, textsOf(request, response), () => 'RIHS01_0')!;
const requestOf = (text: string) => partsOf(text).request.shape;
const bytesOf = (shape: MessageShape, given: unknown) => {
  const writer = new CdrWriter();
  writeMessage(writer, shape, checkedMessage(shape, given));
  return Uint8Array.from(writer.finish());
};
const readBy = (shape: MessageShape, bytes: Uint8Array) =>
  readMessage(new CdrReader(bytes, shape.name), shape);

const everything = [
  'int8 i8',
  'uint8 u8',
  'int16 i16',
  'uint16 u16',
  'int32 i32',
  'uint32 u32',
  'int64 i64',
  'uint64 u64',
  'float32 f32',
  'float64 f64',
  'bool on',
  'byte octet',
  'string name',
  'string<=6 short',
  'Point at',
  'Point[2] pair',
  'Point[] path',
  'string[] names',
  'string<=3[<=2] few',
  'int16[] numbers',
  'float64[3] vector',
  'uint64[<=4] large',
  'bool[] flags',
  'uint8[] data',
  'uint8[4] four',
].join('\n');

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !each.includes('\0'));
const short = fc.string({ unit: 'grapheme-ascii', maxLength: 6 }).filter((each) => !each.includes('\0'));
// JSON knows no -0.
const real = (one: fc.Arbitrary<number>) => one.map((value) => value + 0);
const double = real(fc.double({ noNaN: true, noDefaultInfinity: true }));
const point = fc.record({ x: double, y: fc.integer() });
const whole = (bits: number, signed: boolean) =>
  fc.integer({ min: signed ? -(2 ** (bits - 1)) : 0, max: 2 ** (signed ? bits - 1 : bits) - 1 });
const list = <Value>(each: fc.Arbitrary<Value>, maxLength = 6) => fc.array(each, { maxLength });
const any = fc.record(
  {
    ...{ i8: whole(8, true), u8: whole(8, false), i16: whole(16, true), u16: whole(16, false) },
    ...{
      i32: whole(32, true),
      u32: whole(32, false),
      f32: real(fc.float({ noNaN: true, noDefaultInfinity: true })),
    },
    i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
    f64: double,
    ...{ on: fc.boolean(), octet: whole(8, false), name: text, short, at: point },
    ...{ pair: fc.tuple(point, point), path: list(point), names: list(text) },
    few: list(
      short.map((each) => each.slice(0, 3)),
      2,
    ),
    ...{ numbers: list(whole(16, true)), flags: list(fc.boolean()), data: list(whole(8, false)) },
    vector: fc.tuple(...[0, 1, 2].map(() => double)),
    ...{ large: list(fc.nat(), 4), four: fc.tuple(...[0, 1, 2, 3].map(() => whole(8, false))) },
  },
  { requiredKeys: [] },
);

describe('A request of a service', () => {
  it.each<[request: string, given: unknown, words: string]>([
    [
      'uint8 station',
      { stations: 3 },
      `${type}_Request has no field stations. It has station (a whole number`,
    ],
    ['uint8 station', { station: 256 }, 'station has to be a whole number from 0 to 255, and is 256.'],
    ['int8 a', { a: -129 }, 'a whole number from -128 to 127, and is -129'],
    ['int16 a', { a: 1.5 }, 'a whole number from -32768 to 32767, and is 1.5'],
    ['uint32 a', { a: '1' }, 'and is "1"'],
    ['uint64 a', { a: -1 }, 'from 0 to 18446744073709551615'],
    ['uint64 a', { a: 2 ** 53 }, 'from 2^53 on as text'],
    ['int64 a', { a: '9223372036854775808' }, 'from -9223372036854775808'],
    ['int64 a', { a: '1e3' }, 'and is "1e3"'],
    ['int64 a', { a: '0x10' }, 'and is "0x10"'],
    ['uint8 a', { a: '7' }, 'and is "7"'],
    ['float32 a', { a: 1e39 }, 'a has to be a number, and is 1e+39'],
    ['float64 a', { a: Number.POSITIVE_INFINITY }, 'a has to be a number'],
    ['float64 a', { a: null }, 'and is null'],
    ['bool a', { a: 1 }, 'a has to be true or false, and is 1'],
    ['string a', { a: 'a\0b' }, 'without the character 0'],
    ['string a', { a: '\ud800' }, 'a text'],
    ['string<=3 a', { a: 'ääa' }, 'at most 3 octets, and is "ääa"'],
    ['string<=3[] a', { a: ['ok', 'long'] }, 'a[1] has to be a text'],
    ['int8[<=2] a', { a: [1, 2, 3] }, 'a list of at most 2 values, each a whole number'],
    ['int8[2] a', { a: [1] }, 'a list of 2 values'],
    ['int8[] a', { a: { length: 1 } }, 'a list of any number of values'],
    ['uint8[2] a', { a: 'AAA=AAA' }, 'a list of 2 octets, or base64'],
    ['uint8[] a', { a: [256] }, 'octets'],
    ['Point at', { at: 3 }, 'at has to be an object with x (a number), y (a number), and is 3.'],
    [
      'Point at',
      { at: { z: 3 } },
      'dock_msgs/msg/Point has no field at.z. It has x (a number), y (a number).',
    ],
    ['Point[] at', { at: [{ x: 1 }, { x: 'a' }] }, 'at[1].x has to be a number, and is "a"'],
    ['uint8 a', [], 'The request has to be an object with a (a whole number'],
    ['uint8 a', 'text', 'The request has to be an object'],
    ['uint8 a', { constructor: 1 }, 'no field constructor'],
    ['uint8 a', JSON.parse('{"__proto__": 1}'), 'no field __proto__'],
    ['', { structure_needs_at_least_one_member: 1 }, 'It has no fields.'],
  ])('%s is not %j', (request, given, words) => {
    const attempt = () => checkedMessage(requestOf(request), given);
    expect(attempt).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ros-request-/) }));
    try {
      attempt();
    } catch (error) {
      expect((error as { explain(): string }).explain()).toContain(words);
    }
  });

  it('with more values than may be given is refused, also where they are defaults', () => {
    const attempt = (text: string, given: unknown) => () => checkedMessage(requestOf(text), given);
    const list = (length: number) => ({ a: Array.from({ length }, () => 0) });
    expect(attempt('int8[] a', list(4096))).not.toThrow();
    const long = expect.objectContaining({ code: 'ros-request-long' });
    expect(attempt('int8[] a', list(4097))).toThrow(long);
    expect(attempt('Point[65536] a', {})).toThrow(long);
    expect(attempt('Point[60] a\nPoint[2000] b', {})).toThrow(long);
  });

  it('has what its definition says where nothing is given', () => {
    const text = [
      'uint8 station 3  # the first',
      'int64 far -9007199254740993',
      'float32 speed .5',
      'float64 none nan',
      'bool slow true',
      'string name "a \\"b\\""',
      "string bare it's",
      'int16[] list [1, -2]',
      'uint8[2] octets [1,2]',
      'string[] names ["a, b", \'c\', d]',
      'float64[2] zeros',
      'Point at',
      'int8[] none2 []',
      'uint8 LIMIT=3',
    ].join('\n');
    expect(checkedMessage(requestOf(text), {})).toEqual({
      ...{ station: 3, far: -9007199254740993n, speed: 0.5, none: Number.NaN, slow: true },
      ...{ name: 'a "b"', bare: "it's", list: [1, -2], octets: Uint8Array.of(1, 2) },
      ...{ names: ['a, b', 'c', 'd'], zeros: [0, 0], at: { x: 0, y: 0 }, none2: [] },
    });
    const pose = requestOf('geometry_msgs/Pose pose');
    expect(checkedMessage(pose, {})).toMatchObject({ pose: { orientation: { x: 0, w: 1 } } });
    expect(checkedMessage(pose, { pose: { orientation: { z: 1 } } })).toMatchObject({
      pose: { orientation: { z: 1, w: 1 } },
    });
  });

  // As rosidl_adapter's parser of Jazzy reads these lines, each tried there.
  it.each<[text: string, value: unknown]>([
    ['string[] a [ "a", "b" ]', ['a', 'b']],
    ['string[] a ["a" , \'b\' ]', ['a', 'b']],
    ['string[] a ["a, b"  ,c d , it\'s]', ['a, b', 'c d', "it's"]],
    ['string[] a ["a",]', ['a']],
    ['string[] a ["", "b"]', ['', 'b']],
    ['string[] a ["a \\" b", " c "]', ['a " b', 'c']],
    ['string<=5 a "hello"', 'hello'],
    ['string<=5[] a ["hello", b]', ['hello', 'b']],
    ['float64 a infinity', Number.POSITIVE_INFINITY],
    ['float64 a -Infinity', Number.NEGATIVE_INFINITY],
    ['float32 a +inf', Number.POSITIVE_INFINITY],
    ['float64[] a [-INF, nan, -NaN]', [Number.NEGATIVE_INFINITY, Number.NaN, Number.NaN]],
    ['float64[] a [1., .5e-3, 1_000.5, -2E+3]', [1, 0.0005, 1000.5, -2000]],
    ['int16[] a [-0x10, 0b11, 0o17, 1_000, 007]', [-16, 3, 15, 1000, 7]],
    ['uint64 a 0xffff_ffff_ffff_ffff', 2n ** 64n - 1n],
  ])('has the default that rosidl reads: %s', (text, value) => {
    expect(checkedMessage(requestOf(text), {})).toEqual({ a: value });
  });

  it.each([
    ...['uint8 a 256', 'int8[2] a [1]', 'bool a maybe', 'float64 a x', 'int8[<=1] a [1,2]', 'int8[] a 1'],
    ...[
      'string<=5 a hello_world',
      'string<=3[] a ["ok", "long"]',
      'string[] a ["a]',
      'string[] a ["a",,"b"]',
    ],
    ...['string[] a [,"a"]', 'float64 a 0x10', 'float64 a 1__0', 'float64 a _1', 'float64 a infinit'],
    ...['int32 a 1.5', 'int32 a 0x', 'uint64 a 0x1_0000_0000_0000_0000', `int64 a ${'1'.repeat(500)}`],
  ])('is refused where the definition has a default that does not fit: %s', (text) => {
    expect(() => checkedMessage(requestOf(text), {})).toThrow(
      expect.objectContaining({ code: 'ros-message-text' }),
    );
  });

  it('of none is one octet, and shows nothing', () => {
    const shape = requestOf('');
    expect([...bytesOf(shape, {})]).toEqual([0, 1, 0, 0, 0]);
    expect(messageJson(readBy(shape, bytesOf(shape, {})))).toEqual({});
  });

  const pointText = `${'='.repeat(80)}\nMSG: dock_msgs/Point\nfloat64 x\nfloat32 y`;
  const definitions = parse(`${everything.replaceAll('Point', 'dock_msgs/Point')}\n${pointText}`, {
    ros2: true,
  });

  it('is read by a library that knows it from its definition as what was given, and back', () => {
    const shape = requestOf(everything);
    const reader = new MessageReader(definitions);
    const writer = new MessageWriter(definitions);
    fc.assert(
      fc.property(any, (given) => {
        const checked = checkedMessage(shape, given);
        const bytes = bytesOf(shape, given);
        const theirs = reader.readMessage(bytes) as Record<string, unknown>;
        const plain = (value: unknown): unknown => {
          if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)].map(plain);
          if (Array.isArray(value)) return value.map(plain);
          if (typeof value !== 'object' || value === null) return value;
          const singles = ['f32', 'y'];
          return Object.fromEntries(
            Object.entries(value).map(([name, each]) => [
              name,
              singles.includes(name) ? Math.fround(each) : plain(each),
            ]),
          );
        };
        expect(plain(theirs)).toEqual(plain(checked));
        // Their writer damages texts that are not ASCII.
        const isAscii = JSON.stringify(given) === JSON.stringify(given).replace(/[^\x20-\x7e]/g, '');
        if (isAscii) expect(readBy(shape, writer.writeMessage(theirs))).toEqual(readBy(shape, bytes));
      }),
      { numRuns: 100 },
    );
  });

  it('comes back as JSON that may be given again', () => {
    const shape = requestOf(everything);
    fc.assert(
      fc.property(any, (given) => {
        const bytes = bytesOf(shape, given);
        const json = JSON.parse(JSON.stringify(messageJson(readBy(shape, bytes))));
        expect(bytesOf(shape, json)).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });
});

describe('A reply of a service', () => {
  it('is JSON as rosbridge has it: null for what is not finite, base64 for octets, text for large integers', () => {
    const { shape } = partsOf('', 'float64 a\nfloat32[2] b\nuint8[] c\nint64 d\nuint64 e\nstring f').response;
    const writer = new CdrWriter();
    writeMessage(writer, shape, {
      ...{ a: Number.NaN, b: [Number.NEGATIVE_INFINITY, 0.5], c: Uint8Array.of(1, 2, 3) },
      ...{ d: -9007199254740993n, e: 7n, f: 'ä' },
    });
    expect(messageJson(readBy(shape, writer.finish()))).toEqual({
      ...{ a: null, b: [null, 0.5], c: 'AQID', d: '-9007199254740993', e: 7, f: 'ä' },
    });
  });

  it('with more values than are read is refused', () => {
    const { shape } = partsOf('', 'int8[] a').response;
    const many = (count: number) => {
      const writer = new CdrWriter();
      writer.uint32(count);
      for (let at = 0; at < count; at += 1) writer.int8(1);
      return writer.finish();
    };
    expect(readBy(shape, many(8192)).a).toHaveLength(8192);
    expect(() => readBy(shape, many(8193))).toThrow(expect.objectContaining({ code: 'ros-reply-long' }));
  });

  it('of any bytes is read or refused with its reason, and holds no more than it has', () => {
    const { shape } = partsOf('', everything).response;
    const request = requestOf(everything);
    const damaged = fc
      .tuple(any, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), fc.nat(400))
      .map(([given, changes, cut]) => {
        const bytes = bytesOf(request, given);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes.subarray(0, bytes.length - (cut % 40));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          expect(JSON.stringify(messageJson(readBy(shape, bytes))).length).toBeLessThan(100_000);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(cdr|ros-reply)-/) });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('The definition of a service', () => {
  it('has two parts, each with a hash of its own', () => {
    const hashes: string[] = [];
    const found = serviceByTexts(type, textsOf('Point at', 'bool ok'), (description) => {
      hashes.push(description.type_description.type_name);
      return `RIHS01_${hashes.length}`;
    });
    expect(found).toMatchObject({
      name: type,
      request: { hash: 'RIHS01_1' },
      response: { hash: 'RIHS01_2' },
    });
    expect(hashes).toEqual([`${type}_Request`, `${type}_Response`]);
  });

  it.each(['uint8 a', 'uint8 a\n---\nbool b\n---\n'])('of another form is refused: %j', (text) => {
    expect(() =>
      serviceByTexts(
        type,
        () => text,
        () => '',
      ),
    ).toThrow(expect.objectContaining({ code: 'ros-service-text' }));
  });

  it('is absent, or lacks a part', () => {
    expect(
      serviceByTexts(
        type,
        () => undefined,
        () => '',
      ),
    ).toBeUndefined();
    expect(() =>
      serviceByTexts(
        type,
        (each) => (each === type ? 'Other a\n---\n' : undefined),
        () => '',
      ),
    ).toThrow('no definition of dock_msgs/msg/Other');
  });
});
