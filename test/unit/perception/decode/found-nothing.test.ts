import { describe, expect, it } from 'vitest';
import { torchvision } from '../../../../src/model/families/torchvision.ts';
import type { Head } from '../../../../src/model/index.ts';
import { Candidates, HeadDecoder } from '../../../../src/perception/decode/index.ts';
import type { OutputTensor } from '../../../../src/perception/index.ts';

const names = ['boxes', 'labels', 'scores'];
const head = torchvision.head({
  outputs: names.map((name, at) => ({ name, dims: at === 0 ? [0, 4] : [0], integers: at === 1 })),
  ...{
    task: undefined,
    furtherInputs: [],
    classes: 91,
    width: 640,
    height: 640,
    asked: false,
    strides: undefined,
  },
}) as Head;

const outputs = (rows: number): OutputTensor[] => [
  { name: 'boxes', dims: [rows, 4], data: new Float32Array(4 * rows).fill(5) },
  { name: 'labels', dims: [rows], data: new Float32Array(rows).fill(3) },
  { name: 'scores', dims: [rows], data: new Float32Array(rows).fill(0.9) },
];

describe('A network that gives as many rows as it found', () => {
  const decode = (given: OutputTensor[]) => {
    const into = new Candidates();
    const options = { scoreThreshold: 0.25, multiLabel: false };
    return new HeadDecoder(head, { width: 640, height: 640 }, 91).run(given, options, into);
  };

  it('may have found nothing', () => {
    expect(decode(outputs(0))).toBe(0);
  });

  it('is refused where its outputs do not agree on that', () => {
    const [boxes, labels] = outputs(0);
    const [, , scores] = outputs(3);
    expect(() => decode([boxes!, labels!, scores!])).toThrow(
      expect.objectContaining({ code: 'model-output' }),
    );
  });
});
