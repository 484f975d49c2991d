import { describe, expect, it } from 'vitest';
import {
  type DeviceMemory,
  deviceMemories,
  type Frame,
  memoriesOf,
  memoryBits,
  sharedMemories,
} from '../../../src/perception/index.ts';
import { SharedFrame } from '../../../src/perception/pipeline/shared-frame.ts';
import { SlotTable } from '../../../src/perception/pipeline/slot-table.ts';
import { HealthCounter } from '../../../src/perception/source/health-counter.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeDetector } from '../../fakes/fake-pipeline.ts';

describe('Memory that pictures may stay in', () => {
  it('is the same as bits and as names', () => {
    for (let bits = 0; bits < 8; bits++) expect(memoryBits(memoriesOf(bits))).toBe(bits);
    expect(memoriesOf(~7)).toEqual([]);
    expect(Object.keys(deviceMemories)).toEqual(['dmabuf', 'memfd', 'nvmm']);
  });

  it.each<[(readonly DeviceMemory[] | undefined)[], DeviceMemory[]]>([
    [[], []],
    [[['dmabuf', 'nvmm']], ['dmabuf', 'nvmm']],
    [
      [
        ['dmabuf', 'nvmm'],
        ['nvmm', 'memfd'],
      ],
      ['nvmm'],
    ],
    // One that says nothing reads none where it is.
    [[['dmabuf'], undefined], []],
    [[undefined, ['dmabuf']], []],
  ])('is what all of the readers take: %j', (readers, shared) => {
    expect(sharedMemories(readers)).toEqual(shared);
  });

  it('follows the detectors that there are', () => {
    const detector = (memories?: readonly DeviceMemory[]) =>
      Object.assign(new FakeDetector('sha256:1'), memories === undefined ? {} : { memories });
    const table = new SlotTable(
      new Map([
        ['main', detector(['memfd', 'nvmm'])],
        ['plate', detector(['nvmm'])],
      ]),
    );
    expect(table.memories()).toEqual(['nvmm']);
    table.swap('plate', detector());
    expect(table.memories()).toEqual([]);
    table.remove('plate');
    expect(table.memories()).toEqual(['memfd', 'nvmm']);
  });
});

describe('A picture in device memory', () => {
  it('is shared as it is: nobody reads its bytes for that', () => {
    let read = 0;
    const device = { memory: 'nvmm', picture: {} } as const;
    const frame: Frame = {
      ...{
        camera: 'front',
        sequence: 0,
        stampNs: 0n,
        frameId: 'front',
        width: 2,
        height: 2,
        encoding: 'nv12',
      },
      step: 2,
      pixels: {
        get data() {
          read += 1;
          return new Uint8Array(6);
        },
        device,
        release() {},
      },
    };
    const shared = new SharedFrame(frame).share();
    expect(shared.pixels.device).toBe(device);
    expect(read).toBe(0);
    expect(shared.pixels.data).toHaveLength(6);
  });

  it('is counted over all connections; what is held is held now', () => {
    const counter = new HealthCounter(new FakeClock());
    const counts = { decodeErrors: 1, memory: { inPlace: 5, copied: 2, mapped: 1, held: 3 } };
    counter.ended(counts);
    expect(counter.health(counts).memory).toEqual({ inPlace: 10, copied: 4, mapped: 2, held: 3 });
    expect(counter.health(undefined).memory).toEqual({ inPlace: 5, copied: 2, mapped: 1, held: 0 });
    expect(new HealthCounter(new FakeClock()).health({ decodeErrors: 0 })).not.toHaveProperty('memory');
  });
});
