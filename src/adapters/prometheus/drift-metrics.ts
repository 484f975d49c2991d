import { Counter, Gauge, type Registry } from 'prom-client';
import type { FleetController } from '../../controller/index.ts';
import { metricNames } from '../../protocol/index.ts';

/** As many open incidents get labels of their own. */
const maxIncidents = 2_000;
const severities = ['info', 'warning', 'error', 'critical'] as const;
const states = ['watching', 'learning', 'sensor-only', 'off'] as const;

/** Drift and alerts as Prometheus reads them. */
export function registerDriftMetrics(
  prometheus: Registry,
  { registry, drift, alerts }: Pick<FleetController, 'registry' | 'drift' | 'alerts'>,
): void {
  const registers = [prometheus];
  const incidents = (name: string, help: string) =>
    new Gauge({
      name,
      help,
      labelNames: ['device', 'camera', 'verdict', 'detail', 'grade', 'believed', 'cohort'] as const,
      registers,
      collect() {
        this.reset();
        for (const incident of drift.openIncidents.slice(0, maxIncidents)) {
          const { device, camera, verdict, grade, believed, cohort } = incident;
          this.set(
            {
              device,
              camera,
              verdict: verdict.kind,
              detail: verdict.detail ?? '',
              grade,
              believed: String(believed),
              cohort: cohort.scope,
            },
            1,
          );
        }
      },
    });
  incidents(
    metricNames.driftIncident,
    '1 for each open drift incident; grade="notice": no harm is expected; believed="false": it may be one of the false ones of a large fleet',
  );
  new Gauge({
    name: 'goshawk_drift_cameras',
    help: 'Cameras by how they are watched for drift',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const counts = new Map<string, number>(states.map((state) => [state, 0]));
      for (const device of registry.devices())
        for (const { state } of Object.values(device.reported?.drift ?? {}))
          counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'goshawk_alerts_firing',
    help: 'Alerts that fire, by rule and severity',
    labelNames: ['rule', 'severity'] as const,
    registers,
    collect() {
      this.reset();
      // A rule without alerts is 0 and not absent, so that a graph has a line.
      for (const { name, severity } of alerts.listRules('viewer').rules)
        this.set({ rule: name, severity }, 0);
      for (const { ruleName, severity } of alerts.firing) this.inc({ rule: ruleName, severity });
    },
  });
  new Gauge({
    name: 'goshawk_alerts_unacknowledged',
    help: 'Active alerts without an acknowledgement, by severity',
    labelNames: ['severity'] as const,
    registers,
    collect() {
      for (const severity of severities) this.set({ severity }, 0);
      for (const { severity, acknowledgedMs } of alerts.firing)
        if (acknowledgedMs === undefined) this.inc({ severity });
    },
  });
  new Gauge({
    name: 'goshawk_controller_alert_messages_waiting',
    help: 'Messages about alerts that wait or are being sent',
    registers,
    collect() {
      this.set(alerts.deliveries.waiting);
    },
  });
  new Counter({
    name: 'goshawk_controller_alert_messages_total',
    help: 'Messages about alerts by what became of them; retried counts attempts',
    labelNames: ['result'] as const,
    registers,
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(alerts.deliveries.counts)) this.inc({ result }, count);
    },
  });
}
