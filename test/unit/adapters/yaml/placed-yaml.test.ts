import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlacedYaml } from '../../../../src/adapters/yaml/index.ts';

const yaml = `# of the yard
device: yard-1
cameras:
  front: { source: sim, fps: 5 }   # the gate
  rear:
    source: rtsp://10.0.0.5/1
list: [1, 2]
`;

describe('A file with places', () => {
  it.each([
    ['device', '2:1'],
    ['cameras.front.fps', '4:25'],
    ['cameras.rear.source', '6:5'],
    ['cameras.rear.fps', '5:3'],
    ['cameras.side.fps', '3:1'],
    ['list.1', '7:11'],
    ['nothing', '2:1'],
    ['', '2:1'],
  ])('knows where %s is', (path, place) => {
    expect(readPlacedYaml(yaml).placeOf(path)).toBe(place);
  });

  it('keeps comments of YAML when it is changed, and stays JSON where it was', () => {
    const changed = readPlacedYaml(yaml).with({ device: undefined, enrolment: { claimFile: 'x' } });
    expect(changed).toContain('# the gate');
    expect(readPlacedYaml(changed).value).toEqual({
      cameras: { front: { source: 'sim', fps: 5 }, rear: { source: 'rtsp://10.0.0.5/1' } },
      list: [1, 2],
      enrolment: { claimFile: 'x' },
    });
    expect(JSON.parse(readPlacedYaml('{"a":1,"b":2}').with({ a: undefined, c: 3 }))).toEqual({ b: 2, c: 3 });
  });

  it('reads every JSON as JSON does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.json()), (object) => {
        fc.pre(!('__proto__' in object));
        const text = JSON.stringify(object, undefined, '\t');
        expect(readPlacedYaml(text).value).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });
});
