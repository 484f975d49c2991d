import { describe, expect, it } from 'vitest';
import { buildGraph, type NodeSettings } from '../../../../src/perception/index.ts';

const detect: NodeSettings = { name: 'detect' };
const plate: NodeSettings = { name: 'plate', slot: 'plate', input: { node: 'detect', classes: ['car'] } };
const colour: NodeSettings = { name: 'colour', slot: 'colour', input: { node: 'plate' } };
const shadow: NodeSettings = { name: 'next', slot: 'next', role: 'shadow' };

describe('the graph of a camera', () => {
  it('has its nodes on frames, what hangs on them, and its shadows', () => {
    const graph = buildGraph([{ ...plate }, detect, colour, shadow, { name: 'faces', slot: 'faces' }]);
    expect(graph.roots.map(({ name }) => name)).toEqual(['detect', 'faces']);
    expect([...graph.children].map(([name, list]) => [name, list.map((node) => node.name)])).toEqual([
      ['detect', ['plate']],
      ['plate', ['colour']],
    ]);
    expect(graph.shadows).toMatchObject([{ name: 'next', against: 'detect', budget: 0.1 }]);
  });

  it.each<[string, readonly NodeSettings[], string, RegExp]>([
    ['no nodes', [], 'graph-size', /1 to 16/],
    ['too many', Array.from({ length: 17 }, (_, i) => ({ name: `n${i}` })), 'graph-size', /17/],
    ['two of one name', [detect, { ...plate, name: 'detect' }], 'node-twice', /two nodes named "detect"/],
    ['a name with a blank', [{ name: 'de tect' }], 'node-name', /"de tect" is no name for a node/],
    ['a slot with a slash', [{ name: 'detect', slot: 'a/b' }], 'node-name', /"a\/b" is no name for a slot/],
    ['an input that is not there', [detect, { ...plate, input: { node: 'cars' } }], 'node-unknown', /"cars"/],
    [
      'a circle',
      [detect, { name: 'a', input: { node: 'b' } }, { name: 'b', input: { node: 'a' } }],
      'graph-circle',
      /a -> b -> a/,
    ],
    ['a node that looks at itself', [detect, { name: 'a', input: { node: 'a' } }], 'graph-circle', /a -> a/],
    ['shadows alone', [shadow], 'graph-no-serve', /No node/],
    [
      'a node behind a shadow',
      [detect, shadow, { ...plate, input: { node: 'next' } }],
      'node-shadow',
      /"next"/,
    ],
    ['a shadow on crops', [detect, { ...plate, role: 'shadow' }], 'node-shadow', /crops/],
    ['a shadow of a crop node', [detect, plate, { ...shadow, against: 'plate' }], 'node-shadow', /"plate"/],
    ['every second and a half', [{ ...detect, every: 1.5 }], 'node-range', /every .* is 1.5/],
    ['no weight', [{ ...detect, weight: 0 }], 'node-range', /weight/],
    ['a deadline that was', [{ ...detect, deadlineMs: -1 }], 'node-range', /deadlineMs/],
    ['a budget above all', [detect, { ...shadow, budget: 2 }], 'node-range', /budget/],
    ['motion above all', [{ ...detect, onMotion: { threshold: 2 } }], 'node-range', /threshold/],
    [
      'too many crops',
      [detect, { ...plate, input: { node: 'detect', maxCrops: 65 } }],
      'node-range',
      /maxCrops/,
    ],
    [
      'a score that is none',
      [detect, { ...plate, input: { node: 'detect', minScore: Number.NaN } }],
      'node-range',
      /minScore/,
    ],
    ['looks of the frame', [detect, { name: 'who', reid: {} }], 'node-reid', /"who" has `reid`/],
    [
      'looks of what a crop node finds',
      [detect, plate, { name: 'who', input: { node: plate.name }, reid: {} }],
      'node-reid',
      /does not look at the boxes of a node on frames/,
    ],
    [
      'two nodes that say who is who',
      [
        detect,
        { name: 'who', input: { node: 'detect' }, reid: {} },
        { name: 'again', input: { node: 'detect' }, reid: {} },
      ],
      'node-reid',
      /Both "who" and "again"/,
    ],
    [
      'a distance that no two looks have',
      [detect, { name: 'who', input: { node: 'detect' }, reid: { maxDistance: 3 } }],
      'node-range',
      /reid\.maxDistance .* is 3/,
    ],
    ['motion of crops', [detect, { ...plate, onMotion: true }], 'node-motion', /motion is seen in frames/],
  ])('refuses %s in words, with a remedy', (_, nodes, code, words) => {
    expect(() => buildGraph(nodes)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(words),
        remedy: expect.stringMatching(/.{10}/),
      }),
    );
  });
});
