import { describe, expect, it } from 'vitest';
import { nodesOf, unknownCameras } from '../../../../src/agent/slots/camera-nodes.ts';
import type { NodeSettings } from '../../../../src/perception/index.ts';
import type { SlotScope } from '../../../../src/protocol/index.ts';

const detect: NodeSettings = { name: 'detect', slot: 'main', input: 'frame' };
const plates: NodeSettings = {
  ...{ name: 'plates', slot: 'plate' },
  input: { node: 'detect', classes: ['car'], maxCrops: 4 },
};

describe('The graph of a camera', () => {
  it.each<[string, NodeSettings[] | undefined, Record<string, SlotScope>, NodeSettings[] | undefined]>([
    ['is as ever without slots', undefined, {}, undefined],
    [
      'has a node on frames for a slot',
      undefined,
      { plate: {} },
      [detect, { name: 'plate', slot: 'plate', input: 'frame' }],
    ],
    [
      'has a shadow that looks at every tenth frame',
      undefined,
      { next: { role: 'shadow', sample: 10, cameras: ['front'] } },
      [detect, { name: 'next', slot: 'next', input: 'frame', role: 'shadow', every: 10 }],
    ],
    ['has no node for a slot of other cameras', undefined, { plate: { cameras: ['rear'] } }, undefined],
    ['is what its settings name where they use the slot', [detect, plates], { plate: {} }, [detect, plates]],
    [
      'takes from the slot what a node leaves open, and nothing more',
      [detect, { ...plates, every: 2 }],
      { plate: { role: 'shadow', sample: 10 } },
      [detect, { ...plates, every: 2, role: 'shadow' }],
    ],
    [
      'gives a slot a name that no node has',
      [{ ...detect, name: 'plate' }],
      { plate: {} },
      [
        { ...detect, name: 'plate' },
        { name: 'plate-2', slot: 'plate', input: 'frame' },
      ],
    ],
  ])('%s', (_, explicit, scopes, nodes) => {
    expect(nodesOf('front', explicit, scopes)).toEqual(nodes);
  });

  it('names cameras that are not there, with those that are', () => {
    expect(unknownCameras({ cameras: ['front'] }, ['front'])).toBeUndefined();
    expect(unknownCameras({}, ['front'])).toBeUndefined();
    expect(unknownCameras({ cameras: ['front', 'rear'] }, ['front'])).toMatch(
      /no camera rear; it has front\. .*--cameras/,
    );
  });
});
