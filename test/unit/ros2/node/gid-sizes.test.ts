import { describe, expect, it } from 'vitest';
import {
  CdrWriter,
  type GidSize,
  type GraphNode,
  gidSizesFor,
  readAnnouncement,
  saidInSizes,
  spokenSizes,
  writeParticipantEntities,
} from '../../../../src/ros2/index.ts';

describe('The sizes of Gids that neighbours speak', () => {
  it.each<[string, readonly (readonly GidSize[])[], readonly GidSize[]]>([
    ['of nobody', [], []],
    ['of Humble', [[24], [24]], [24]],
    ['of Jazzy', [[16]], [16]],
    ['of both', [[16], [24]], [24, 16]],
    ['where one follows its neighbours', [[24, 16], [16]], [16]],
    ['where all follow their neighbours', [[24, 16]], []],
  ])('%s (heard: %j) are %j', (_, heard, sizes) => {
    expect(spokenSizes(heard.map((each) => new Set(each)))).toEqual(sizes);
  });
});

describe('The sizes of Gids in which a node announces itself', () => {
  it.each<[string, GidSize | undefined, readonly GidSize[], readonly GidSize[]]>([
    ['nobody is known', undefined, [], [24]],
    ['nobody is known, Humble is sourced', 24, [], [24]],
    ['nobody is known, Jazzy is sourced', 16, [], [24, 16]],
    ['all are of Humble', undefined, [24], [24]],
    ['all are of Jazzy', undefined, [16], [16]],
    ['some are of each', undefined, [24, 16], [24, 16]],
    ['Humble is sourced, and all are of Jazzy', 24, [16], [16]],
    ['Jazzy is sourced, and all are of Humble', 16, [24], [24]],
  ])('where %s (environment: %s, neighbours: %j) are %j', (_, own, spoken, sizes) => {
    expect(gidSizesFor(own, spoken)).toEqual(sizes);
  });
});

const eyes: GraphNode = { namespace: '/robot1', name: 'eyes', readers: [], writers: [] };
const participant = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

describe('What a node says of itself', () => {
  it('is the same in the one size that is spoken, and its last word in both', () => {
    expect(saidInSizes([24], [eyes])).toEqual([{ size: 24, nodes: [eyes] }]);
    expect(saidInSizes([16], [eyes])).toEqual([{ size: 16, nodes: [eyes] }]);
    expect(saidInSizes([24, 16], [])).toEqual([
      { size: 24, nodes: [] },
      { size: 16, nodes: [] },
    ]);
  });

  it('has in front of the nodes what Humble reads as none, where Humble and newer ones are there', () => {
    const [long, short] = saidInSizes([24, 16], [eyes]);
    expect(long).toEqual({ size: 24, nodes: [eyes] });
    expect(short?.nodes).toEqual([{ namespace: '', name: '_eyes', readers: [], writers: [] }, eyes]);
    const bytes = writeParticipantEntities(new CdrWriter(), { participant, nodes: short?.nodes ?? [] }, 16);
    // Behind the encapsulation header and a Gid of 24 octets Humble expects the count of nodes.
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 + 24, true)).toBe(0);
  });

  it.each([16, 24] as const)('is understood in %i octets, whoever reads', (size) => {
    for (const nodes of [[], [eyes], [eyes, { ...eyes, readers: [participant], writers: [participant] }]]) {
      const bytes = writeParticipantEntities(new CdrWriter(), { participant, nodes }, size);
      const told = readAnnouncement(bytes);
      expect(told?.gidSize).toBe(size);
      expect(told?.participant.subarray(0, 16)).toEqual(participant);
      expect(told?.nodes.map(({ name, readers }) => [name, readers.length])).toEqual(
        nodes.map(({ name, readers }) => [name, readers.length]),
      );
    }
  });

  it('is nothing where it ends too early or goes on', () => {
    const bytes = writeParticipantEntities(new CdrWriter(), { participant, nodes: [eyes] }, 16);
    expect(readAnnouncement(bytes.subarray(0, -1))).toBeUndefined();
    expect(readAnnouncement(Uint8Array.of(...bytes, ...new Uint8Array(4)))).toBeUndefined();
    expect(readAnnouncement(Uint8Array.of(0, 1))).toBeUndefined();
  });
});
