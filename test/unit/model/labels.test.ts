import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { dictionaryLines, dictionaryOf, parseLabels } from '../../../src/model/index.ts';
import { checkLabelCount, namesOfMetadata } from '../../../src/model/labels.ts';

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

describe('The names that Ultralytics notes in a file', () => {
  it.each<[string, string, readonly string[]]>([
    ['as a table', "{0: 'person', 1: 'bicycle'}", ['person', 'bicycle']],
    ['as a list, before YOLOv5 7.0', "['person', 'bicycle']", ['person', 'bicycle']],
    ['without spaces', "{0:'a',1:'b'}", ['a', 'b']],
    ['with an apostrophe', `{0: "rider's vest", 1: 'a "b"'}`, ["rider's vest", 'a "b"']],
    ['with escapes', String.raw`{0: 'rider\'s "vest"', 1: 'a\\b'}`, [`rider's "vest"`, 'a\\b']],
    ['with commas, colons and braces', "{0: 'a, 1: b', 1: 'c}'}", ['a, 1: b', 'c}']],
    ['in other scripts', "{0: '行人', 1: 'vélo'}", ['行人', 'vélo']],
    ['with a comma at the end', "{0: 'a', }", ['a']],
  ])('are read %s', (_how, text, names) => {
    expect(namesOfMetadata(text, 'best.onnx')).toEqual(names);
  });

  it.each([
    ['there is none', ''],
    ['the table is empty', '{}'],
    ['a number is left out', "{0: 'a', 2: 'b'}"],
    ['they begin with 1', "{1: 'a', 2: 'b'}"],
    ['they are no text', '{0: 1, 1: 2}'],
    ['a table lies in a list', "[{0: 'a'}]"],
    ['a list has numbers', "[0: 'a', 1: 'b']"],
    ['a name is not closed', "{0: 'a', 1: 'b}"],
    ['more follows', "{0: 'a'} and more"],
    ['it is JSON of another kind', '{"0": "a"}'],
  ])('are not known where %s', (_what, text) => {
    expect(namesOfMetadata(text, 'best.onnx')).toBeUndefined();
  });

  it('may be 20,000, and no more', () => {
    const text = (count: number) =>
      `{${Array.from({ length: count }, (_, at) => `${at}: 'class ${at}'`).join(', ')}}`;
    expect(namesOfMetadata(text(20_000), 'best.onnx')).toHaveLength(20_000);
    expect(() => namesOfMetadata(text(20_001), 'best.onnx')).toThrow(/"names" of best\.onnx/);
  });

  it('are refused where one is empty or no text', () => {
    expect(() => namesOfMetadata("{0: 'a', 1: ''}", 'best.onnx')).toThrow(/class 1 is empty/);
    expect(() => namesOfMetadata("{0: 'a\u0007'}", 'best.onnx')).toThrow(/not text/);
  });

  it('are read as Python prints them, whatever they are', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.replace(/\s/g, '_'));
    const printed = (text: string) =>
      text.includes("'") && !text.includes('"')
        ? `"${text.replaceAll('\\', '\\\\')}"`
        : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), (names) => {
        const text = `{${names.map((item, at) => `${at}: ${printed(item)}`).join(', ')}}`;
        expect(namesOfMetadata(text, 'best.onnx')).toEqual(names);
      }),
    );
  });
});

describe('The dictionary of a text recogniser', () => {
  it('keeps a space and signs that other label files have for comments', () => {
    expect(dictionaryLines('\uFEFFa\n#\n \n"\n')).toEqual(['a', '#', ' ', '"']);
  });

  it.each([
    [3, ['a', 'b']],
    [4, ['a', 'b', ' ']],
    [2, undefined],
    [5, undefined],
  ])(
    'of two characters for %i values per step is %j: one is the blank, one more the space',
    (values, labels) => {
      expect(dictionaryOf(['a', 'b'], values)).toEqual(labels);
    },
  );
});
