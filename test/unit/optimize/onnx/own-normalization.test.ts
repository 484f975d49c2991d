import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportStreet } from '../../../../models/tutorial/head.ts';
import { normalizesItself, saveModel } from '../../../../src/optimize/index.ts';
import { projectRoot } from '../../../architecture/project.ts';
import { GraphBuilder } from '../graphs.ts';

type Stem = (builder: GraphBuilder) => string;

const scaled =
  (type: 'Mul' | 'Div' | 'Sub', ...values: readonly number[]): Stem =>
  (b) =>
    b.node(type, ['x', b.constant([1, values.length, 1, 1], Float32Array.from(values))])[0] ?? '';

function model(stem: Stem): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32]);
  const value = stem(b);
  b.channels.set(value, 3);
  return saveModel(b.output(b.conv(value, 4, 3)));
}

describe('A network normalises its pixels by itself', () => {
  it.each<[string, Stem]>([
    ['divides by 255', scaled('Div', 255)],
    ['multiplies by 1/255', scaled('Mul', 1 / 255)],
    ['divides each colour by its deviation', scaled('Div', 58.4, 57.1, 57.4)],
    ['subtracts a mean of pixels', scaled('Sub', 123.7, 116.3, 103.5)],
    [
      'does so in two steps, behind a transposition',
      (b) => {
        const [turned = ''] = b.node('Transpose', ['x'], { perm: [0, 1, 3, 2] });
        const [half = ''] = b.node('Mul', [turned, b.constant([1], Float32Array.of(1 / 16))]);
        return b.node('Mul', [half, b.constant([1], Float32Array.of(1 / 16))])[0] ?? '';
      },
    ],
  ])('where it %s first', (_what, stem) => {
    expect(normalizesItself(model(stem))).toBe(true);
  });

  it.each<[string, Stem]>([
    ['begins with a convolution', () => 'x'],
    ['subtracts the mean of pixels 0..1', scaled('Sub', 0.485, 0.456, 0.406)],
    ['divides by the deviation of pixels 0..1', scaled('Div', 0.229, 0.224, 0.225)],
    ['multiplies by 2', scaled('Mul', 2)],
    [
      'reads its picture twice',
      (b) => {
        const [small = ''] = b.node('Div', ['x', b.constant([1], Float32Array.of(255))]);
        return b.node('Add', ['x', small])[0] ?? '';
      },
    ],
    [
      'divides after a layer',
      (b) => b.node('Div', [b.relu('x'), b.constant([1], Float32Array.of(255))])[0] ?? '',
    ],
  ])('but not where it %s', (_what, stem) => {
    expect(normalizesItself(model(stem))).toBe(false);
  });

  it('is seen in whole networks', () => {
    const street = readFileSync(join(projectRoot, 'models/street/street.onnx'));
    expect(normalizesItself(street)).toBe(false);
    expect(normalizesItself(exportStreet(street, 'yolov8'))).toBe(false);
    expect(normalizesItself(exportStreet(street, 'yolov8', 'raw'))).toBe(true);
    expect(normalizesItself(exportStreet(street, 'yolov8', 'bytes'))).toBe(true);
  });
});
