import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { classicEdges, InstrumentRegistry } from '../../../src/telemetry/index.ts';
import { mostInstruments } from '../../../src/telemetry/registry.ts';

describe('The registry of instruments', () => {
  it('gives one alias to one name with the same labels, in whatever order they are written', () => {
    const registry = new InstrumentRegistry();
    registry.counter({ name: 'frames_total', unit: '1' }, { camera: 'front', model: 'a' }).add(1);
    registry.counter({ name: 'frames_total', unit: '1' }, { model: 'a', camera: 'front' }).add(2);
    registry.counter({ name: 'frames_total', unit: '1' }, { model: 'b', camera: 'front' }).add(5);
    expect(registry.collect()).toEqual([
      [0, 3],
      [1, 5],
    ]);
  });

  it('keeps aliases over restarts, whatever is asked for first', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e']),
        fc.shuffledSubarray(['c', 'd', 'e', 'f']),
        (first, then) => {
          const before = new InstrumentRegistry();
          for (const name of first) before.gauge({ name, unit: '1' });
          const after = new InstrumentRegistry(before.catalogue());
          for (const name of then) after.gauge({ name, unit: '1' });
          const aliasOf = new Map(before.catalogue().map(({ name, alias }) => [name, alias]));
          for (const line of after.catalogue())
            if (aliasOf.has(line.name)) expect(line.alias).toBe(aliasOf.get(line.name));
          const aliases = after.catalogue().map(({ alias }) => alias);
          expect(new Set(aliases).size).toBe(aliases.length);
        },
      ),
    );
  });

  it('says when the catalogue has grown, and not when nothing is new', () => {
    const grown = vi.fn();
    const registry = new InstrumentRegistry();
    registry.onGrown(grown);
    registry.gauge({ name: 'a', unit: '1' });
    registry.gauge({ name: 'a', unit: '1' });
    expect(grown).toHaveBeenCalledTimes(1);
    const after = new InstrumentRegistry(registry.catalogue());
    after.onGrown(grown);
    after.gauge({ name: 'a', unit: '1' });
    expect(grown).toHaveBeenCalledTimes(1);
  });

  it('gives a new alias to a name that changed its kind', () => {
    const before = new InstrumentRegistry();
    before.gauge({ name: 'load', unit: '1' });
    const after = new InstrumentRegistry(before.catalogue());
    after.counter({ name: 'load', unit: '1' });
    expect(after.catalogue()).toMatchObject([{ name: 'load', kind: 'counter', alias: 1 }]);
  });

  it('turns instruments away when there are too many, and nothing breaks', () => {
    const registry = new InstrumentRegistry();
    for (let i = 0; i < mostInstruments + 10; i++)
      registry.counter({ name: 'c', unit: '1' }, { i: `${i}` }).add(1);
    expect(registry.catalogue()).toHaveLength(mostInstruments);
    expect(registry.collect()).toHaveLength(mostInstruments);
    expect(registry.refused).toBe(10);
  });

  it('has room again after a restart', () => {
    const full = new InstrumentRegistry();
    for (let i = 0; i < mostInstruments; i++) full.counter({ name: 'c', unit: '1' }, { i: `${i}` });
    const registry = new InstrumentRegistry(full.catalogue());
    registry.counter({ name: 'new', unit: '1' }).add(1);
    expect(registry.refused).toBe(0);
    expect(registry.collect()).toEqual([[mostInstruments, 1]]);
  });

  it('tells a counter only when it has moved, and takes no step back', () => {
    const registry = new InstrumentRegistry();
    const counter = registry.counter({ name: 'c', unit: '1' });
    counter.raiseTo(10);
    counter.raiseTo(4);
    counter.add(-3);
    counter.add(Number.NaN);
    expect(registry.collect()).toEqual([[0, 10]]);
    expect(registry.collect()).toEqual([]);
  });

  it('lets a gauge that nobody sets fall silent', () => {
    const registry = new InstrumentRegistry();
    registry.gauge({ name: 'g', unit: '1' }).set(5);
    expect(registry.collect()).toEqual([[0, 5]]);
    expect(registry.collect()).toEqual([]);
    registry.gauge({ name: 'g', unit: '1' }).set(Number.NaN);
    expect(registry.collect()).toEqual([]);
  });

  it('sends histograms as counts since the last batch, and reads them since the start', () => {
    const registry = new InstrumentRegistry();
    const latency = registry.histogram({ name: 'latency_seconds', unit: 'seconds' });
    latency.record(0.004);
    expect(registry.collect()).toMatchObject([[0, { sum: 0.004, zeros: 0 }]]);
    latency.record(0.04);
    latency.record(100_000);
    const [again] = registry.collect();
    expect(again?.[1]).toMatchObject({
      buckets: [
        [-38, 1],
        [132, 1],
      ],
    });
    const [reading] = registry.readings();
    if (reading?.kind !== 'histogram') throw new Error('not a histogram');
    expect(reading.count).toBe(3);
    expect(reading.atMost[classicEdges.indexOf(0.005)]).toBe(1);
    expect(reading.atMost[classicEdges.indexOf(0.05)]).toBe(2);
    expect(reading.atMost.at(-1)).toBe(2);
  });

  it('refuses one name with two kinds', () => {
    const registry = new InstrumentRegistry();
    registry.gauge({ name: 'x', unit: '1' });
    expect(() => registry.counter({ name: 'x', unit: '1' })).toThrow(/is a gauge/);
  });
});
