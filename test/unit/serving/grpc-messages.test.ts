import { describe, expect, it } from 'vitest';
import { type GrpcMessages, grpcAnswer, grpcRequest } from '../../../src/serving/index.ts';
import { askedPicture } from '../../../src/serving/picture.ts';

const message: GrpcMessages['request'] = {
  ...{ model_name: 'street', model_version: '', id: '', parameters: {}, outputs: [], raw_input_contents: [] },
  inputs: [
    {
      ...{ name: 'image', datatype: 'BYTES', shape: [1] },
      contents: { uint_contents: [], bytes_contents: [Uint8Array.of(1)] },
    },
  ],
};

describe('A request over gRPC', () => {
  it('has its picture in the contents, or raw', () => {
    const file = { kind: 'file', bytes: Uint8Array.of(1) };
    expect(askedPicture(grpcRequest(message).inputs)).toEqual(file);
    const raw = { ...message, raw_input_contents: [Uint8Array.of(1, 0, 0, 0, 1)] };
    expect(askedPicture(grpcRequest(raw).inputs)).toEqual(file);
  });

  it('means the version that serves where it names none', () => {
    expect(grpcRequest(message)).not.toHaveProperty('version');
    expect(grpcRequest({ ...message, model_version: '2' }).version).toBe('2');
  });

  it('has parameters of every kind', () => {
    const parameters = {
      a: { double_param: 0.5 },
      b: { string_param: 'x' },
      c: { bool_param: false },
      d: {},
    };
    expect(grpcRequest({ ...message, parameters }).parameters).toEqual({ a: 0.5, b: 'x', c: false });
  });

  it.each([
    [{ inputs: Array(9).fill(message.inputs[0]) }, 'A request has 9 inputs.'],
    [{ model_name: 'x'.repeat(257) }, 'A name or the id of a request is too long.'],
    [
      { raw_input_contents: [new Uint8Array(), new Uint8Array()] },
      'The request does not fit: inputs: 1, raw_input_contents: 2.',
    ],
  ])('that has too much of it is refused', (over, text) => {
    expect(() => grpcRequest({ ...message, ...over })).toThrow(text);
  });

  it('is answered with raw contents in the order of the outputs', () => {
    const labels = { name: 'labels', datatype: 'BYTES', shape: [1], values: ['car'] } as const;
    expect(grpcAnswer({ model: 'street', version: '1', outputs: [labels] })).toEqual({
      ...{ model_name: 'street', model_version: '1', id: '' },
      outputs: [{ name: 'labels', datatype: 'BYTES', shape: [1] }],
      raw_output_contents: [Uint8Array.of(3, 0, 0, 0, 99, 97, 114)],
    });
  });
});
