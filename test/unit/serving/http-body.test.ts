import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { httpAnswer, httpRequest } from '../../../src/serving/index.ts';
import { askedPicture } from '../../../src/serving/picture.ts';

const bytes = (value: unknown) => new Uint8Array(Buffer.from(JSON.stringify(value)));
const image = { name: 'image', shape: [1], datatype: 'BYTES' };
const read = (value: unknown) => httpRequest('street', undefined, bytes(value), undefined);
const picture = (value: unknown) => askedPicture(read(value).request.inputs);

/** JSON with tensors behind it. */
function withTensors(value: unknown, ...tensors: readonly Uint8Array[]) {
  const json = bytes(value);
  return httpRequest('street', '1', new Uint8Array(Buffer.concat([json, ...tensors])), String(json.length));
}

describe('A request over HTTP', () => {
  it('has its picture as base64', () => {
    expect(picture({ inputs: [{ ...image, data: ['AQID'] }] })).toEqual({
      kind: 'file',
      bytes: Uint8Array.of(1, 2, 3),
    });
  });

  it('has it behind the JSON, with its length in front', () => {
    const tensor = Uint8Array.of(3, 0, 0, 0, 7, 8, 9);
    const { request } = withTensors(
      { inputs: [{ ...image, parameters: { binary_data_size: 7 } }], parameters: { score_threshold: 0.5 } },
      tensor,
    );
    expect(request).toMatchObject({ model: 'street', version: '1', parameters: { score_threshold: 0.5 } });
    expect(askedPicture(request.inputs)).toEqual({ kind: 'file', bytes: Uint8Array.of(7, 8, 9) });
  });

  it.each([
    [
      'numbers',
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    ],
    ['numbers in one row', [1, 2, 3, 4, 5, 6]],
  ])('has it as %s', (_, data) => {
    expect(picture({ inputs: [{ name: 'image', datatype: 'UINT8', shape: [1, 2, 3], data }] })).toEqual({
      ...{ kind: 'rgb8', width: 2, height: 1 },
      bytes: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    [[], 'The body is no JSON object.'],
    [{}, 'inputs is not a list.'],
    [{ inputs: Array(9).fill({}) }, 'inputs has 9 entries.'],
    [{ inputs: [] }, 'A request has one input, and this one has 0.'],
    [{ inputs: [{ ...image, name: 'images', data: ['AQID'] }] }, 'No input is named "images".'],
    [{ inputs: [{ ...image, datatype: 'FP32', data: [1] }] }, 'The input "image" is FP32.'],
    [
      { inputs: [{ ...image, shape: [2], data: ['AQID', 'AQID'] }] },
      'The input "image" has the shape [2] instead of [1].',
    ],
    [{ inputs: [{ ...image, data: ['AQID', 'AQID'] }] }, 'The input "image" has 2 elements.'],
    [{ inputs: [{ ...image, data: [7] }] }, 'The input "image" holds no picture.'],
    [{ inputs: [{ ...image, data: ['€'] }] }, /^The picture in "image" is not base64: /],
    [{ inputs: [{ ...image }] }, 'The data of an input is not a list.'],
    [
      { inputs: [{ ...image, datatype: 'UINT8', shape: [2, 2], data: [] }] },
      /instead of \[height, width, 3\]/,
    ],
    [
      { inputs: [{ ...image, datatype: 'UINT8', shape: [1, 1, 3], data: [1, 2] }] },
      'The input "image" has 2 values, and its shape asks for 3.',
    ],
    [
      { inputs: [{ ...image, datatype: 'UINT8', shape: [1, 1, 3], data: [1, 2, 256] }] },
      'The input "image" holds 256, which is no UINT8.',
    ],
    [{ inputs: [{ ...image, datatype: 'UINT8', shape: [99_999, 99_999, 3], data: [] }] }, /instead of/],
    [{ id: 'x'.repeat(300), inputs: [] }, 'The id is not a text of 256 characters or fewer.'],
    [{ inputs: [{ ...image, parameters: { binary_data_size: 9 } }] }, /9, and 0 bytes are left/],
  ])('%j is refused in words', (value, message) => {
    expect(() => picture(value)).toThrow(message);
  });

  it('whose header does not fit its body is refused', () => {
    for (const header of ['0', '-1', '1e9', 'x', '99'])
      expect(() => httpRequest('street', undefined, bytes({}), header)).toThrow(InputError);
    expect(() => withTensors({ inputs: [] }, new Uint8Array(3))).toThrow('belong to no input');
  });

  it('of whatever bytes is read or refused with an InputError', () => {
    const json = fc.record(
      {
        inputs: fc.array(
          fc.record(
            {
              name: fc.string(),
              datatype: fc.constantFrom('BYTES', 'UINT8', 'FP32'),
              shape: fc.array(fc.double()),
              data: fc.anything(),
              parameters: fc.anything(),
            },
            { requiredKeys: [] },
          ),
        ),
        parameters: fc.anything(),
        outputs: fc.anything(),
        id: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      json.map((value) => {
        try {
          return bytes(value);
        } catch {
          return new Uint8Array();
        }
      }),
    );
    fc.assert(
      fc.property(body, fc.option(fc.nat(300).map(String), { nil: undefined }), (given, header) => {
        try {
          askedPicture(httpRequest('street', undefined, given, header).request.inputs);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});

describe('An answer over HTTP', () => {
  const outputs = [
    { name: 'boxes', datatype: 'FP32', shape: [1, 2], values: Float32Array.of(0.1, Number.NaN) },
    { name: 'labels', datatype: 'BYTES', shape: [1], values: ['car'] },
  ] as const;
  const answer = { model: 'street', version: '1.0.0', id: '7', outputs };

  it('is JSON, with null where a float has no number', () => {
    const { json, tensors } = httpAnswer(answer, () => false);
    expect(tensors).toEqual([]);
    expect(JSON.parse(Buffer.from(json).toString())).toEqual({
      ...{ model_name: 'street', model_version: '1.0.0', id: '7' },
      outputs: [
        { name: 'boxes', datatype: 'FP32', shape: [1, 2], data: [0.1, null] },
        { name: 'labels', datatype: 'BYTES', shape: [1], data: ['car'] },
      ],
    });
  });

  it('has behind the JSON what was asked for so', () => {
    const asked = read({
      inputs: [],
      parameters: { binary_data_output: true },
      outputs: [{ name: 'boxes' }, { name: 'labels', parameters: { binary_data: false } }],
    });
    const { json, tensors } = httpAnswer(answer, asked.binary);
    expect(tensors.map(({ byteLength }) => byteLength)).toEqual([8]);
    expect(JSON.parse(Buffer.from(json).toString()).outputs).toMatchObject([
      { name: 'boxes', parameters: { binary_data_size: 8 } },
      { name: 'labels', data: ['car'] },
    ]);
  });
});
