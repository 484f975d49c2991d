import type { Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { countBy } from './counted.ts';
import { shown } from './instruments.ts';

/** As many open incidents get labels of their own. */
const maxIncidents = 2_000;
const states = ['watching', 'learning', 'sensor-only', 'off'] as const;

/** Drift and alerts as Prometheus reads them. */
export function registerDriftMetrics(
  prometheus: Registry,
  { registry, drift, alerts }: Pick<FleetController, 'registry' | 'drift' | 'alerts'>,
): void {
  shown(prometheus, controllerMetrics.driftIncidents, (put) => {
    for (const incident of drift.openIncidents.slice(0, maxIncidents)) {
      const { device, camera, verdict, grade, believed, cohort } = incident;
      const { kind, detail = '' } = verdict;
      put(1, { device, camera, verdict: kind, detail, grade, believed: `${believed}`, cohort: cohort.scope });
    }
  });
  shown(prometheus, controllerMetrics.driftCameras, (put) => {
    const cameras = [...registry.devices()].flatMap(({ reported }) => Object.values(reported?.drift ?? {}));
    for (const [state, count] of countBy(
      states,
      cameras.map(({ state }) => state),
    ))
      put(count, { state });
  });
  shown(prometheus, controllerMetrics.alerts, (put) => {
    const counts = new Map<string, number>();
    const key = (...labels: readonly [rule: string, severity: string, acknowledged: boolean]) =>
      JSON.stringify(labels);
    // A rule without alerts is 0 and not absent, so that a graph has a line.
    for (const { name, severity } of alerts.listRules('viewer').rules)
      for (const acknowledged of [false, true]) counts.set(key(name, severity, acknowledged), 0);
    for (const { ruleName, severity, acknowledgedMs } of alerts.firing) {
      const one = key(ruleName, severity, acknowledgedMs !== undefined);
      counts.set(one, (counts.get(one) ?? 0) + 1);
    }
    for (const [labels, count] of counts) {
      const [rule = '', severity = '', acknowledged = false] = JSON.parse(labels) as [
        string,
        string,
        boolean,
      ];
      put(count, { rule, severity, acknowledged: `${acknowledged}` });
    }
  });
}
