import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { readOnnxHeader } from '../../../src/model/index.ts';
import { loadModel, saveModel } from '../../../src/optimize/index.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('The header of an ONNX file', () => {
  it('tells who made it and which opset it needs', () => {
    const { irVersion, producer, opsets } = readOnnxHeader(tinyOnnx(), 'tiny.onnx');
    expect({ irVersion, producer, opset: opsets.get('') }).toEqual({
      irVersion: 8,
      producer: 'goshawk-test',
      opset: 13,
    });
  });

  it('tells what its exporter noted', () => {
    const model = loadModel(tinyOnnx());
    model.model.metadataProps = [{ key: 'task', value: 'detect' }];
    expect(readOnnxHeader(saveModel(model), 'tiny.onnx').metadata).toEqual(new Map([['task', 'detect']]));
  });

  it.each([
    ['an empty file', new Uint8Array(0), /is empty/],
    ['a PyTorch checkpoint', bytes('PK\u0003\u0004best/data.pkl'), /zip archive/],
    ['a pointer of Git LFS', bytes('version https://git-lfs.github.com/spec/v1\noid sha256:1'), /Git LFS/],
    ['a web page', bytes('<!DOCTYPE html><html>'), /web page/],
    ['a TensorFlow Lite model', bytes('\u001c\u0000\u0000\u0000TFL3'), /TensorFlow Lite/],
    ['half a file', tinyOnnx().subarray(0, 100), /cut short/],
    ['a message without a graph', Uint8Array.from([8, 8]), /no graph/],
  ])('names %s for what it is', (_what, content, words) => {
    expect(() => readOnnxHeader(content, 'model.onnx')).toThrow(words);
  });

  it('never throws anything but an InputError, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (noise, at) => {
        const spoilt = tinyOnnx();
        spoilt.set(noise.subarray(0, Math.max(0, spoilt.length - at)), Math.min(at, spoilt.length));
        for (const content of [noise, spoilt]) {
          try {
            readOnnxHeader(content, 'model.onnx');
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        }
      }),
    );
  });
});
