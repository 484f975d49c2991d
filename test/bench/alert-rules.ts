// What a look at the alert rules costs: node --import tsx test/bench/alert-rules.ts
// CPU of the process, since the clock counts what other programs take.

import type { AlertRuleDraft } from '../../src/api/index.ts';
import { AlertEvaluator } from '../../src/controller/alerts/alert-evaluator.ts';
import { AlertRegistry } from '../../src/controller/alerts/alert-registry.ts';
import { ruleFrom } from '../../src/controller/alerts/rule.ts';
import { usualRules } from '../../src/controller/alerts/usual-rules.ts';
import { DeviceRegistry } from '../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../src/controller/history/series.ts';
import { metricNames } from '../../src/protocol/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { birth, slot } from '../fakes/test-fleet.ts';

const devices = 10_000;
const seriesEach = 50;
const looks = 2_000;

const clock = new FakeClock();
const registry = new DeviceRegistry(clock, new SeriesTable());
for (let at = 0; at < devices; at++) {
  const device = registry.ensure(`d${at}`);
  device.born = true;
  device.birth = { ...birth, groups: [`site-${at % 100}`] };
  device.reported = {
    ...{ generation: 0, session: 1, timeMs: 1, pipelines: {} },
    slots: { main: slot() },
    cameras: { front: { targetFps: 30 } },
    drift: { front: { state: 'watching', watched: ['sensor'], signals: [] } },
  };
  const named = [metricNames.fps, metricNames.diskFree, metricNames.diskSize, metricNames.detections];
  for (let id = 1; id <= seriesEach; id++) {
    const name = named[id - 1] ?? `other_${id}`;
    const kind = name === metricNames.detections ? 'counter' : 'gauge';
    device.observe({ id, name, labels: { camera: 'front' }, unit: '1', kind }, 1, 30e9, clock.monotonicMs());
  }
  device.batchHeardMs = clock.monotonicMs();
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function measure(what: string, drafts: readonly AlertRuleDraft[]): void {
  const rules = drafts.map((draft, at) =>
    ruleFrom(draft, { id: `r${at}`, createdMs: 1, nowMs: 1 }, undefined, () => undefined),
  );
  const alerts = new AlertRegistry(clock, {
    changed: () => {},
    fired: () => {},
    notify: () => {},
    newId: () => 'id',
  });
  const evaluator = new AlertEvaluator(alerts, {
    ...{ registry, clock, drift: { openIncidents: [] }, session: { everyDeviceHeard: true } },
  });
  const times: number[] = [];
  for (let look = 0; look < looks; look++) {
    const before = cpuMs();
    evaluator.evaluate(rules);
    times.push(cpuMs() - before);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(looks * share)]?.toFixed(2);
  process.stdout.write(`${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms\n`);
}

process.stdout.write(`A look at 250 of ${devices} devices with ${seriesEach} series each, CPU\n`);
const rate: AlertRuleDraft = {
  name: 'rate',
  when: { kind: 'metric', name: metricNames.detections, rate: { per: 'minute' }, below: 1 },
};
measure('the six usual rules', usualRules);
measure('and one about a rate', [...usualRules, rate]);
