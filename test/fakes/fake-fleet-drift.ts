import type {
  Alert,
  AlertRule,
  AlertRuleDraft,
  CameraDrift,
  DeviceDrift,
  DeviceSummary,
  DriftFleet,
  DriftIncident,
  DriftView,
  MetricAnswer,
  MetricSeries,
} from '../../src/api/index.ts';
import { metricNames } from '../../src/protocol/index.ts';

const digest = `sha256:${'5'.repeat(64)}`;

/** A street through fog, small and grey: what comes with an alarm. */
export function foggyView(): DriftView {
  const width = 64;
  const height = 36;
  const cells = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const road = y > 16 && Math.abs(x - 32) < 4 + (y - 16) * 1.6;
      const house = y < 17 && y > 6 + 4 * Math.abs(Math.sin(x / 9)) && (x < 22 || x > 44);
      const car = y > 22 && y < 28 && x > 36 && x < 45;
      const plain = car ? 60 : road ? 95 : house ? 110 : 175;
      const fog = 1 / (1 + Math.exp((y - 20) / 5));
      cells[y * width + x] = Math.round(plain + (190 - plain) * (0.35 + 0.55 * fog));
    }
  return { width, height, grey: cells.toString('base64') };
}

const signal = (name: string, value: number, usual: number, deviations: number, logRunLengthS?: number) => ({
  name,
  value,
  usual,
  deviations,
  ...(logRunLengthS === undefined ? {} : { logRunLengthS }),
});

/** Drift and alerts of a made-up fleet: a site in fog, a frozen camera, and one alarm that may be chance. */
export class FakeFleetDrift {
  readonly incidents: DriftIncident[] = [];
  readonly alerts: Alert[] = [];
  readonly rules: AlertRule[] = [];
  readonly #devices: ReadonlyMap<string, DeviceSummary>;
  readonly #startedMs: number;

  constructor(devices: ReadonlyMap<string, DeviceSummary>, nowMs: number) {
    this.#devices = devices;
    this.#startedMs = nowMs;
    const dock = [...devices.values()].filter(({ id, online }) => id.startsWith('dock') && online);
    for (const [index, { id }] of dock.slice(0, 3).entries())
      this.#add(id, 'front', nowMs - 540_000 + index * 40_000, {
        verdict: { kind: 'scene-change', detail: 'hazier' },
        message: 'scene change: hazier',
        // The same fog harms one view and not the others.
        ...(index === 0
          ? { grade: 'alarm', expectedLoss: 0.23, severity: 'warning' }
          : { grade: 'notice', expectedLoss: 0.04, severity: 'info' }),
        cohort: {
          scope: 'group',
          name: 'dock',
          cameras: dock.length,
          alarmed: 3,
          pValue: 3.1e-8,
          sameAs: [],
        },
        signals: [
          signal('log_gain', -0.84, -0.02, -11.2, 62),
          signal('offset', 0.31, 0.01, 12, 71),
          signal('contrast', 0.08, 0.19, -9.4, 44),
          signal('score', 0.51, 0.66, -4.1, 24),
          signal('detections', 1.1, 1.9, -2.6, 19),
        ],
        pValue: 1e-12,
        frame: '0001-f',
      });
    if (devices.has('gate-01'))
      this.#add('gate-01', 'rear', nowMs - 95_000, {
        verdict: { kind: 'sensor-fault', detail: 'frozen' },
        message: 'sensor fault: frozen',
        severity: 'error',
      });
    if (devices.has('yard-03'))
      this.#add('yard-03', 'front', nowMs - 1_500_000, {
        verdict: { kind: 'label-shift' },
        message: 'label shift',
        grade: 'notice',
        severity: 'info',
        believed: false,
        pValue: 0.028,
        signals: [signal('class_misfit', 0.62, 0.2, 4.6, 19)],
      });
    this.#past(nowMs);
    this.#alert('gate-01/rear', 'gate-01/rear: sensor fault: frozen', 'error', nowMs - 90_000, {
      device: 'gate-01',
      camera: 'rear',
      delivery: { state: 'delivered', timeMs: nowMs - 80_000, attempts: 1 },
    });
    if (dock.length > 2)
      this.#alert(
        'group:dock',
        'group dock: scene change: hazier on 3 of 4 cameras',
        'warning',
        nowMs - 480_000,
        {
          acknowledgedMs: nowMs - 300_000,
          acknowledgedBy: 'ann (3f2a)',
          delivery: {
            state: 'failed',
            timeMs: nowMs - 300_000,
            attempts: 6,
            error: 'hooks.example answered 503.',
          },
        },
      );
  }

  #add(device: string, camera: string, startedMs: number, change: Partial<DriftIncident>): void {
    if (!this.#devices.has(device)) return;
    const name = `${device}/${camera}`;
    this.incidents.push({
      ...{ id: `${device}.${camera}.${startedMs}`, device, camera, verdict: { kind: 'label-shift' } },
      ...{
        message: '',
        grade: 'alarm',
        severity: 'warning',
        startedMs,
        changedMs: startedMs + 5000,
        signals: [],
      },
      ...{ modelDigest: digest, believed: true },
      cohort: { scope: 'camera', name, cameras: 1, alarmed: 1, pValue: 1, sameAs: [] },
      ...change,
    });
  }

  #past(nowMs: number): void {
    this.#add('dock-01', 'front', nowMs - 2 * 86_400_000, {
      verdict: { kind: 'sensor-fault', detail: 'dirty' },
      message: 'sensor fault: dirty',
      severity: 'error',
      endedMs: nowMs - 2 * 86_400_000 + 5_400_000,
      endReason: 'cleared',
      pValue: 1e-20,
    });
  }

  #alert(
    subject: string,
    summary: string,
    severity: Alert['severity'],
    firedMs: number,
    change: Partial<Alert>,
  ): void {
    this.alerts.push({
      ...{ id: `a${this.alerts.length}`, rule: 'r1', ruleName: 'Camera blind', severity, state: 'firing' },
      ...{ subject, summary, sinceMs: firedMs - 60_000, firedMs, notified: 1 },
      ...change,
    });
  }

  open(device: string, camera: string): DriftIncident | undefined {
    return this.incidents.find(
      (one) => one.device === device && one.camera === camera && one.endedMs === undefined,
    );
  }

  fleet(query: URLSearchParams): DriftFleet {
    const search = query.get('search') ?? '';
    const all = [...this.#devices.values()].flatMap((device) =>
      device.cameras.map((camera) => this.#row(device, camera)),
    );
    const fitting = all.filter((row) => `${row.device}/${row.camera}`.includes(search));
    const group = query.get('group');
    const verdict = query.get('verdict');
    const weight = ({ incident }: CameraDrift) =>
      incident === undefined
        ? 0
        : (incident.grade === 'alarm' ? 100 : 0) +
          (incident.believed ? 10 : 1) +
          (incident.severity === 'error' ? 5 : 0);
    const rows = fitting
      .filter((row) => group === null || row.groups.includes(group))
      .filter((row) => query.get('alarmed') === null || row.incident?.grade === 'alarm')
      .filter((row) => verdict === null || row.incident?.verdict.kind === verdict)
      .sort((a, b) => weight(b) - weight(a) || (a.device < b.device ? -1 : 1));
    const open = fitting.flatMap(({ incident }) => incident ?? []);
    const alarms = open.filter(({ grade }) => grade === 'alarm');
    const shared = open.filter(({ cohort }) => cohort.scope !== 'camera');
    const count = (state: CameraDrift['state']) => fitting.filter((row) => row.state === state).length;
    return {
      ...{ cameras: fitting.length, watching: count('watching'), learning: count('learning') },
      ...{ sensorOnly: count('sensor-only'), off: 0, alarmed: alarms.length, falseDiscoveryRate: 0.1 },
      notices: open.length - alarms.length,
      believed: alarms.filter((one) => one.believed).length,
      cohorts:
        shared[0] === undefined
          ? []
          : [
              {
                cohort: shared[0].cohort,
                messages: ['scene change: hazier'],
                incidents: shared.length,
                alarms: shared.filter(({ grade }) => grade === 'alarm').length,
                sinceMs: shared[0].startedMs,
              },
            ],
      rows,
    };
  }

  #row(device: DeviceSummary, camera: string): CameraDrift {
    const incident = this.open(device.id, camera);
    const seed = [...`${device.id}${camera}`].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7);
    const learning = device.id === 'yard-04';
    const sensorOnly = device.id === 'gate-04';
    return {
      ...{ device: device.id, camera, online: device.online, groups: device.groups },
      state: learning ? 'learning' : sensorOnly ? 'sensor-only' : 'watching',
      ...(sensorOnly ? { reason: 'There is no reference profile for this model.' } : {}),
      ...(learning ? { learning: 0.42 } : {}),
      ...(learning || sensorOnly ? {} : { score: incident === undefined ? (seed % 55) / 100 : 2.4 }),
      ...(incident === undefined ? {} : { incident }),
    };
  }

  device(id: string): DeviceDrift {
    const device = this.#devices.get(id);
    return {
      device: id,
      cameras: (device?.cameras ?? []).map((camera) => {
        const open = this.open(id, camera);
        return {
          camera,
          status: {
            state: 'watching',
            watched: ['sensor', 'scene', 'model'],
            profile: { digest, modelDigest: digest, seconds: 7200 },
            knownAnswer: { timeMs: this.#startedMs - 120_000, right: true, agreement: 0.97 },
            signals: [
              signal('brightness', 0.43, 0.44, -0.4),
              signal('log_sharpness', 1.2, 1.19, 0.2),
              signal('score', 0.64, 0.66, -0.9),
            ],
          },
          ...(open === undefined
            ? {}
            : { open: { ...open, ...(open.signals.length > 0 ? { view: foggyView() } : {}) } }),
        };
      }),
      incidents: this.incidents.filter((one) => one.device === id).sort((a, b) => b.startedMs - a.startedMs),
      history: (device?.cameras ?? []).flatMap((camera) => [
        { camera, timeMs: this.#startedMs - 6 * 86_400_000, state: 'watching' as const },
        { camera, timeMs: this.#startedMs - 7 * 86_400_000, state: 'learning' as const },
      ]),
    };
  }

  acknowledge(id: string): Alert | undefined {
    const acknowledgedBy = 'operator of the test (t1)';
    return this.annotate(id, { acknowledgedMs: this.#startedMs, acknowledgedBy });
  }

  annotate(id: string, change: Partial<Alert>): Alert | undefined {
    const index = this.alerts.findIndex((alert) => alert.id === id);
    const alert = this.alerts[index];
    if (alert === undefined) return undefined;
    const next = { ...alert, ...change };
    this.alerts[index] = next;
    return next;
  }

  saveRule(id: string | undefined, draft: AlertRuleDraft): AlertRule & { readonly notifySecret?: string } {
    const { notify, ...rest } = draft;
    const rule: AlertRule = {
      ...{ enabled: true, forSeconds: 60, severity: 'warning', renotifyMinutes: 240 },
      ...rest,
      scope: draft.scope ?? { groups: [], devices: [] },
      id: id ?? `r${this.rules.length + 1}`,
      createdMs: this.#startedMs,
      changedMs: this.#startedMs,
      ...(notify === undefined ? {} : { notify: { to: notify.to, signed: true } }),
    };
    const place = this.rules.findIndex((one) => one.id === id);
    const had = this.rules[place]?.notify !== undefined;
    if (place < 0) this.rules.push(rule);
    else this.rules[place] = rule;
    const made = notify !== undefined && notify.secret === undefined && !had;
    return made ? { ...rule, notifySecret: 'c0ffee'.repeat(10) } : rule;
  }

  /** Scores and deviations that rose when the fog came. */
  history(name: string, fromMs: number, toMs: number, stepMs: number): MetricAnswer {
    const step = Math.max(stepMs, name === metricNames.driftScore ? 60_000 : 300_000);
    const timeMs: number[] = [];
    for (let time = Math.ceil(fromMs / step) * step; time < toMs; time += step) timeMs.push(time);
    const rise = (time: number) => 1 / (1 + Math.exp((this.#startedMs - 540_000 - time) / 60_000));
    const series = (
      signalName: string | undefined,
      usual: number,
      peak: number,
      seed: number,
    ): MetricSeries => {
      const values = timeMs.map(
        (time) => usual * (0.6 + 0.4 * Math.sin(time / 400_000 + seed)) + peak * rise(time),
      );
      return {
        name,
        labels: { camera: 'front', ...(signalName === undefined ? {} : { signal: signalName }) },
        ...{ unit: '1', kind: 'gauge', timeMs, count: timeMs.map(() => 1) },
        ...{ avg: values, min: values, max: values, last: values },
      };
    };
    const all =
      name === metricNames.driftScore
        ? [series(undefined, 0.3, 2.1, 1)]
        : [
            series('log_gain', 0.8, -11, 1),
            series('offset', 0.7, 11.5, 2),
            series('contrast', 0.9, -9, 3),
            series('score', 1.2, -3, 4),
            series('brightness', 0.5, 0.3, 5),
          ];
    return { tier: 'raw', fromMs, toMs, stepMs: step, series: all };
  }
}
