import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { parseLabels } from '../../../src/model/index.ts';
import { checkLabelCount } from '../../../src/model/labels.ts';

describe('A file of labels', () => {
  it.each([
    ['one per line', 'labels.txt', 'person\nbicycle\ntraffic light\n'],
    [
      'with the line ends of Windows and a mark at the start',
      'labels.txt',
      '\uFEFFperson\r\nbicycle\r\ntraffic light\r\n\r\n',
    ],
    ['as a list in brackets', 'data.yaml', 'nc: 3\nnames: ["person", \'bicycle\', traffic light]\n'],
    ['as a list over lines', 'data.yaml', 'names: [person, # first\n  bicycle,\n  traffic light]\nnc: 3'],
    ['as lines with dashes', 'data.yml', 'path: x\nnames:\n- person\n- bicycle\n- "traffic light"\nnc: 3\n'],
    [
      'as a table of numbers and names',
      'data.yaml',
      'names:\n  0: person\n  1: bicycle  # two wheels\n  2: traffic light\n\ntrain: a',
    ],
  ])('is read %s', (_form, name, text) => {
    expect(parseLabels(text, name)).toEqual(['person', 'bicycle', 'traffic light']);
  });

  it.each([
    ['is empty', 'labels.txt', ' \n\n', /no class name/],
    ['has a gap', 'labels.txt', 'a\n\nb\n', /class 1 is empty/],
    ['has no names entry', 'data.yaml', 'nc: 3\n', /no "names:"/],
    ['skips a number', 'data.yaml', 'names:\n  0: a\n  2: b\n', /from class 0 to class 2/],
    ['has an open bracket', 'data.yaml', 'names: [a, b\n', /closing bracket/],
    ['is a binary file', 'labels.txt', 'a\u0000b\n', /not text/],
  ])('is refused where it %s', (_what, name, text, words) => {
    expect(() => parseLabels(text, name)).toThrow(words);
  });

  it('must have a name for every class of the network', () => {
    expect(() => checkLabelCount(['a', 'b'], 3, 'labels.txt')).toThrow(/2 classes.*has 3/);
    expect(() => checkLabelCount(['a'], 1, 'labels.txt')).not.toThrow();
  });

  it('never throws anything but an InputError', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('a.txt', 'a.yaml'), (text, name) => {
        try {
          parseLabels(`names:${text}`, name);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
