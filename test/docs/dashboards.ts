import { controllerMetrics, programMetrics } from '../../src/api/index.ts';
import { deviceMetrics, type MetricRow } from '../../src/protocol/index.ts';

/** One chart: a metric of the catalogue, and how its series are put together. */
interface Panel {
  readonly metric: MetricRow;
  /** Labels that lines are kept apart by; those of the catalogue where absent. */
  readonly by?: readonly string[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  /** The label by which one is chosen at its top. */
  readonly choice: { readonly label: string; readonly of: MetricRow };
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

const of = (metric: MetricRow, ...by: string[]): Panel => ({ metric, by });
const each = (...metrics: readonly MetricRow[]): Panel[] => metrics.map((metric) => ({ metric }));

const c = controllerMetrics;
const p = programMetrics;
const d = deviceMetrics;

/** Every metric of the catalogue is in a dashboard; a test says which is not. */
export const dashboards: readonly Dashboard[] = [
  {
    uid: 'goshawk-controller',
    title: 'Goshawk controller',
    choice: { label: 'instance', of: c.brokerConnected },
    rows: {
      Health: each(p.build, c.role, c.brokerConnected, c.storageOk, c.clockOk, c.certificateExpiry),
      HTTP: [of(c.requestSeconds, 'route'), ...each(c.streams), of(c.streamSeconds)],
      Database: [of(c.databaseSeconds, 'operation'), ...each(c.databaseBytes)],
      Telemetry: each(
        ...[c.messages, c.samples, c.events, c.gaps, c.missingBatches, c.duplicateBatches, c.malformed],
        ...[c.turnedAway, c.overQuota, c.rebirthsAsked, c.unasked, c.failedCallbacks],
      ),
      Alerts: [of(c.alerts, 'rule', 'severity'), ...each(c.alertMessages, c.messagesWaiting)],
      Process: each(
        ...[p.cpu, p.resident, p.heap, p.garbage, p.delayP50, p.delayP99, p.delayMax],
        ...[p.openFiles, p.maxFiles, p.start],
      ),
    },
  },
  {
    uid: 'goshawk-fleet',
    title: 'Goshawk fleet',
    choice: { label: 'instance', of: c.devices },
    rows: {
      Devices: each(c.devices, c.temperature, c.deviceCertificates),
      Models: each(c.deployments, c.rollouts),
      Drift: [...each(c.driftCameras), of(c.driftIncidents, 'verdict', 'grade', 'believed')],
      'Each device': [
        of(c.deviceFps, 'device'),
        of(c.deviceProcessed, 'device'),
        of(c.deviceLatency, 'device'),
        of(c.deviceMemory, 'device'),
      ],
    },
  },
  {
    uid: 'goshawk-device',
    title: 'Goshawk device',
    choice: { label: 'instance', of: d.cpu },
    rows: {
      Cameras: each(
        ...[d.fps, d.latency, d.received, d.processed, d.dropped, d.skipped, d.superseded, d.queue],
        ...[d.cameraConnected, d.cameraFrameAge, d.cameraConnects, d.cameraBytes, d.cameraDecodeErrors],
        ...[d.cameraInPlace, d.cameraCopied, d.cameraMapped, d.cameraHeld],
      ),
      Targets: each(
        ...[d.targetKept, d.targetFps, d.targetLatency, d.targetKeptSeconds, d.targetMissedSeconds],
        ...[d.ladderLevel, d.boardSlowed],
      ),
      Model: [
        ...each(d.preprocess, d.infer, d.postprocess, d.detections, d.classDetections, d.detectionScore),
        ...each(d.keypointScore, d.keypointsSeen, d.maskShare, d.knownAnswers),
      ],
      'Zones and lines': each(d.zoneObjects, d.zoneEntered, d.zoneDwell, d.lineCrossed),
      Drift: each(
        d.driftScore,
        d.driftSignal,
        d.driftIncident,
        d.driftAlarms,
        d.hardFrames,
        d.hardFrameBytes,
      ),
      'Shadows and slots': each(
        ...[d.nodeProcessed, d.nodeDropped, d.shadowFrames, d.shadowDisagreements, d.shadowPrecision],
        ...[d.shadowRecall, d.shadowClassFlips, d.shadowScoreDifference, d.shadowServeBoxes, d.shadowBoxes],
      ),
      Board: each(
        ...[d.temperature, d.power, d.cpu, d.memory, d.eventLoopDelay, d.diskFree, d.diskSize, d.stored],
        ...[d.gpuLoad, d.gpuClock, d.cpuClock, d.memoryClock, d.memoryLoad, d.clocksPinned, d.overcurrent],
      ),
      'Network and cost': each(
        ...[d.outboxEntries, d.outboxBytes, d.sent, d.sendRefused, d.sentDay, d.sendBudget],
        ...[d.refusedPayloads, d.energy, d.energyDay, d.energyPerFrame, d.cost],
      ),
      'Streams, clips and robot': each(
        ...[
          d.streamSent,
          d.streamLeftOut,
          d.clips,
          d.clipBytes,
          d.clipRingBytes,
          d.clipBytesWritten,
          d.clipRingBytesWritten,
        ],
        ...[d.clipsFailed, d.robot],
      ),
    },
  },
];

/** What Grafana calls the units of the catalogue. */
const units: Readonly<Record<string, string>> = {
  ...{ seconds: 's', bytes: 'bytes', celsius: 'celsius', watts: 'watt', joules: 'joule', hertz: 'hertz' },
  ...{ '1': 'short', currency: 'short' },
};

export interface Query {
  readonly expr: string;
  readonly legendFormat: string;
}

/** How a metric is asked for: totals by their rate, histograms by two quantiles, the rest as it is. */
export function queriesOf({ metric, by = metric.labels }: Panel): Query[] {
  const { name, kind, labels } = metric;
  const chosen = '{instance=~"$instance"}';
  const legend = by.map((label) => `{{${label}}}`).join(' ');
  const together = (expr: string, ...more: string[]) => `sum by (${[...by, ...more].join(', ')}) (${expr})`;
  if (kind === 'counter')
    return [{ expr: together(`rate(${name}${chosen}[$__rate_interval])`), legendFormat: legend }];
  if (kind === 'histogram')
    return [0.5, 0.99].map((share) => ({
      expr: `histogram_quantile(${share}, ${together(`rate(${name}_bucket${chosen}[$__rate_interval])`, 'le')})`,
      legendFormat: `p${share * 100} ${legend}`.trim(),
    }));
  // Grafana shows a time as how long it is until then.
  if (/_timestamp_seconds$|_start_time_seconds$/.test(name))
    return [{ expr: `${name}${chosen} - time()`, legendFormat: legend }];
  const expr = by.length === labels.length ? `${name}${chosen}` : together(`${name}${chosen}`);
  return [{ expr, legendFormat: legend }];
}

/** The first words of its help. */
function titleOf({ help }: MetricRow): string {
  return help.split(/[;:(]|, (?!with)/, 1)[0]?.trim() ?? help;
}

/** As Grafana imports it: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
export function grafanaJson({ uid, title, choice, rows }: Dashboard): string {
  const datasource = { type: 'prometheus', uid: '$datasource' };
  const panels: object[] = [];
  let y = 0;
  for (const [row, charts] of Object.entries(rows)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    for (const [at, panel] of charts.entries()) {
      const { metric } = panel;
      const perSecond = metric.kind === 'counter';
      panels.push({
        ...{
          id: panels.length + 1,
          type: 'timeseries',
          title: `${titleOf(metric)}${perSecond ? ' per second' : ''}`,
        },
        ...{ description: `${metric.help} (${metric.name})`, datasource },
        gridPos: { x: (at % 3) * 8, y: y + Math.floor(at / 3) * 7, w: 8, h: 7 },
        fieldConfig: { defaults: { unit: unitOf(metric), custom: { fillOpacity: 8 } }, overrides: [] },
        options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
        targets: queriesOf(panel).map((query, index) => ({
          ...{ refId: String.fromCharCode(65 + index), datasource },
          ...query,
        })),
      });
    }
    y += Math.ceil(charts.length / 3) * 7;
  }
  const { name } = choice.of;
  const templating = {
    list: [
      { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
      {
        ...{ name: choice.label, type: 'query', label: choice.label, datasource, refresh: 2, sort: 1 },
        ...{ multi: true, includeAll: true, query: `label_values(${name}, ${choice.label})` },
        current: { text: 'All', value: '$__all' },
      },
    ],
  };
  const dashboard = {
    ...{ uid, title, tags: ['goshawk'], editable: true, schemaVersion: 39, version: 1, refresh: '30s' },
    ...{ time: { from: 'now-1h', to: 'now' }, timezone: 'browser', templating, panels },
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function unitOf({ unit, kind }: MetricRow): string {
  if (kind === 'counter') return unit === 'bytes' ? 'Bps' : unit === '1' ? 'ops' : 'short';
  return units[unit] ?? 'short';
}

/** Every query of a dashboard, as Prometheus takes it, with the metric that it is about. */
export function everyQuery(): {
  readonly dashboard: string;
  readonly metric: string;
  readonly expr: string;
}[] {
  return dashboards.flatMap(({ uid, rows }) =>
    Object.values(rows)
      .flat()
      .flatMap((panel) =>
        queriesOf(panel).map(({ expr }) => ({
          ...{ dashboard: uid, metric: panel.metric.name },
          expr: expr.replaceAll('$instance', '.+').replaceAll('$__rate_interval', '1m'),
        })),
      ),
  );
}
