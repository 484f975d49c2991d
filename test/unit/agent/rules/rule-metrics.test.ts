import { describe, expect, it } from 'vitest';
import { countsEveryMs } from '../../../../src/agent/detection-counts.ts';
import { RuleMetrics } from '../../../../src/agent/rules/rule-metrics.ts';
import type { RuleEvent, ZoneCounts } from '../../../../src/perception/index.ts';
import { kindOfMetric, metricNames } from '../../../../src/protocol/index.ts';
import { InstrumentRegistry } from '../../../../src/telemetry/index.ts';

const zone = (inside: number): ZoneCounts => ({ name: 'gate', points: [], inside, entered: inside, left: 0 });
const by = { stampNs: 0n, trackId: 1, speed: 0 };
const entered = (label: string): RuleEvent => ({ ...by, kind: 'entered', zone: 'gate', inside: 1, label });

function setUp() {
  const registry = new InstrumentRegistry();
  const metrics = new RuleMetrics(registry);
  const add = (inside: number, ...events: RuleEvent[]) =>
    metrics.add({ camera: 'front', rules: { zones: [zone(inside)], lines: [], events } });
  const sent = (nowMs: number) => {
    metrics.sample(nowMs);
    const lines = new Map(registry.catalogue().map((line) => [line.alias, line]));
    return registry.collect().map(([alias, value]) => {
      const { name, kind, labels } = lines.get(alias)!;
      expect(kindOfMetric(name)).toBe(kind);
      return { name, ...labels, value };
    });
  };
  return { registry, metrics, add, sent };
}

describe('Metrics of zones and lines', () => {
  it('are objects inside, those that came by class, dwell times, and crossings by direction', () => {
    const { add, sent } = setUp();
    add(2, entered('car'), entered('car'));
    add(
      1,
      { ...by, kind: 'left', zone: 'gate', inside: 1, label: 'car', dwellSeconds: 4, lost: false },
      { ...by, kind: 'crossed', line: 'door', direction: 'in', label: 'car' },
    );
    const at = { camera: 'front', zone: 'gate' };
    expect(sent(0)).toEqual(
      expect.arrayContaining([
        { name: metricNames.zoneObjects, ...at, value: 1 },
        { name: metricNames.zoneEntered, ...at, class: 'car', value: 2 },
        { name: metricNames.zoneDwell, ...at, value: expect.objectContaining({ sum: 4 }) },
        {
          ...{ name: metricNames.lineCrossed, camera: 'front', line: 'door' },
          direction: 'in',
          class: 'car',
          value: 1,
        },
      ]),
    );
  });

  it('send no values while they stay the same, except a regular repeat', () => {
    const { add, sent } = setUp();
    add(1);
    expect(sent(0)).toHaveLength(1);
    add(1);
    expect(sent(10_000)).toEqual([]);
    expect(sent(countsEveryMs)).toHaveLength(1);
    add(2);
    expect(sent(countsEveryMs + 10_000)).toMatchObject([{ value: 2 }]);
  });

  it('count classes above the eighth together', () => {
    const { add, sent, registry } = setUp();
    add(9, ...Array.from({ length: 10 }, (_, i) => entered(`class-${i}`)));
    sent(0);
    const classes = registry.catalogue().flatMap(({ labels }) => labels.class ?? []);
    expect(classes).toHaveLength(9);
    expect(classes).toContain('other');
  });

  it('end with a zone that is taken away', () => {
    const { add, metrics, registry } = setUp();
    add(1);
    metrics.sample(0);
    metrics.add({ camera: 'front', rules: { zones: [], lines: [], events: [] } });
    metrics.sample(countsEveryMs);
    expect(registry.readings()).toEqual([]);
    add(3);
    metrics.add({ camera: 'front' });
    metrics.sample(2 * countsEveryMs);
    expect(registry.readings()).toEqual([]);
  });
});
