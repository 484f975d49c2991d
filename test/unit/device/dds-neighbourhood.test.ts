import { describe, expect, it } from 'vitest';
import { Neighbourhood } from '../../../device/dds/neighbourhood.ts';
import { CdrWriter, type GidSize, writeParticipantEntities } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const guid = (participant: number, entity = 0) =>
  Uint8Array.of(1, 16, ...new Array<number>(8).fill(7), participant >> 8, participant, 0, 0, 0, entity);

function saying(participant: number, size: GidSize, ...names: readonly string[]): Uint8Array {
  const nodes = names.map((name) => ({
    ...{ namespace: name.startsWith('_') ? '' : '/', name },
    ...{ readers: [], writers: [guid(participant, 3)] },
  }));
  return writeParticipantEntities(new CdrWriter(), { participant: guid(participant), nodes }, size).slice();
}

const neighbourhood = () =>
  new Neighbourhood({
    ...{ own: guid(1), name: { namespace: '/', name: 'goshawk' }, product: 'Cyclone DDS' },
    log: new RecordingLog(),
  });

/** A writer that announces nodes, as discovery knows it. */
const writer = (participant: number, userData = '') => ({ guid: guid(participant, 9), userData });

const names = (of: Neighbourhood) => of.all.map(({ node }) => node);

describe('The other nodes of the graph', () => {
  it.each([16, 24] as const)('are known where they announce themselves with Gids of %i octets', (size) => {
    const known = neighbourhood();
    known.announced(saying(2, size, 'camera'));
    expect(known.all).toEqual([{ node: '/camera', product: 'Cyclone DDS' }]);
    expect(known.nodeOf(guid(2, 3))).toBe('/camera');
    expect(known.gidSizes).toEqual([size]);
    known.announced(saying(2, size));
    expect(names(known)).toEqual([]);
  });

  it('of one participant are not kept without an end, nor names that none has', () => {
    const known = neighbourhood();
    known.announced(saying(2, 16, 'x'.repeat(600), 'camera'));
    expect(names(known)).toEqual(['/camera']);
    known.announced(saying(2, 16, ...Array.from({ length: 5000 }, (_, at) => `n${at}`)));
    expect(names(known)).toHaveLength(512);
    known.announced(saying(2, 16, 'camera'));
    expect(names(known)).toEqual(['/camera']);
  });

  it('of two releases are reported, until those of one have left', () => {
    const known = neighbourhood();
    known.announced(saying(2, 24, 'old'));
    known.announced(saying(3, 16, 'new'));
    expect(known.gidSizes).toEqual([24, 16]);
    known.announced(saying(2, 24));
    expect(known.gidSizes).toEqual([16]);
  });

  it('that follow their neighbours as we do hold nobody to a size', () => {
    const known = neighbourhood();
    known.announced(saying(2, 24, 'other_goshawk'));
    known.announced(saying(3, 16, 'new'));
    known.announced(saying(2, 16, 'other_goshawk'));
    expect(known.gidSizes).toEqual([16]);
  });

  it('of Goshawk impose no size limit from their first message on', () => {
    const known = neighbourhood();
    known.present([writer(2, 'typehash=RIHS01_0;goshawk=1;'), writer(3, 'typehash=RIHS01_0;notgoshawk=1;')]);
    known.announced(saying(2, 24, 'other_goshawk'));
    expect(names(known)).toEqual(['/other_goshawk']);
    expect(known.gidSizes).toEqual([]);
    known.announced(saying(3, 16, 'new'));
    expect(known.gidSizes).toEqual([16]);
  });

  it('are without what stands in front of them for Humble', () => {
    const known = neighbourhood();
    known.announced(saying(2, 16, '_eyes', 'eyes'));
    expect(names(known)).toEqual(['/eyes']);
  });

  it('are gone when nobody can say anything for them, last word or not', () => {
    const known = neighbourhood();
    known.announced(saying(2, 16, 'killed'));
    // It may be heard before its writer is known.
    known.present([]);
    expect(names(known)).toEqual(['/killed']);
    known.present([writer(1), writer(2)]);
    expect(names(known)).toEqual(['/killed']);
    known.present([writer(1)]);
    expect(names(known)).toEqual([]);
  });

  it('are back when they are heard again, without a new announcement', () => {
    const known = neighbourhood();
    known.present([writer(1), writer(2)]);
    known.announced(saying(2, 16, 'frozen'));
    known.present([writer(1)]);
    expect(names(known)).toEqual([]);
    expect(known.gidSizes).toEqual([]);
    known.present([writer(1), writer(2)]);
    expect(names(known)).toEqual(['/frozen']);
    expect(known.gidSizes).toEqual([16]);
    known.present([writer(1)]);
    known.announced(saying(2, 16));
    known.present([writer(1), writer(2)]);
    expect(names(known)).toEqual([]);
  });

  it('that are away give way to those that come', () => {
    const known = neighbourhood();
    known.announced(saying(2, 16, 'here'));
    known.announced(saying(3, 16, 'killed'));
    known.announced(saying(4, 16, 'frozen'));
    known.present([writer(2), writer(3), writer(4)]);
    known.present([writer(2)]);
    for (let at = 0; at < 254; at += 1) known.announced(saying(300 + at, 16, `far${at}`));
    known.present([writer(2), writer(3), writer(4)]);
    expect(names(known)).toContain('/here');
    expect(names(known)).not.toContain('/killed');
    expect(names(known)).toContain('/frozen');
    expect(known.all).toHaveLength(256);
  });

  it('are not what is damaged', () => {
    const known = neighbourhood();
    known.announced(saying(2, 16, 'camera').subarray(0, 30));
    expect(names(known)).toEqual([]);
    expect(known.gidSizes).toEqual([]);
  });
});
