import { describe, expect, it } from 'vitest';
import { overlaidNodes } from '../../../../src/perception/graph/overlay.ts';

const nodes = [
  { name: 'detect' },
  { name: 'plate', slot: 'plate', input: { node: 'detect' } },
  { name: 'read', slot: 'read', input: { node: 'plate' } },
  { name: 'try', slot: 'next', role: 'shadow' as const },
  { name: 'faces', slot: 'faces' },
  { name: 'try-faces', slot: 'next', role: 'shadow' as const, against: 'faces' },
];
const names = (overlay: object) => overlaidNodes(nodes, overlay).map(({ name }) => name);

describe('A graph for a while', () => {
  it('is the graph where nothing is said', () => {
    expect(overlaidNodes(nodes, {})).toEqual(nodes);
  });

  it('rests nodes with those that look at what they find or are compared with them', () => {
    expect(names({ without: ['plate'] })).toEqual(['detect', 'try', 'faces', 'try-faces']);
    expect(names({ without: ['faces'] })).toEqual(['detect', 'plate', 'read', 'try']);
    expect(names({ without: ['read', 'not-there'] })).not.toContain('read');
  });

  it('never rests the first node on frames', () => {
    expect(names({ without: ['detect'] })).toEqual(nodes.map(({ name }) => name));
  });

  it('has other slots for those that are named, the main one too where it is not written', () => {
    expect(overlaidNodes(nodes, { slots: { main: 'light', next: 'last' } }).map(({ slot }) => slot)).toEqual([
      'light',
      'plate',
      'read',
      'last',
      'faces',
      'last',
    ]);
  });
});
