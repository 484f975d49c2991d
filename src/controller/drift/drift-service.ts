import type {
  CameraDrift,
  DeviceDrift,
  DriftCameraQuery,
  DriftFleet,
  DriftIncident,
  DriftIncidentList,
  DriftIncidentQuery,
  FleetEvent,
} from '../../api/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { metricNames, type Reported } from '../../protocol/index.ts';
import type { Device } from '../fleet/device.ts';
import type { Registry } from '../fleet/registry.ts';
import type { Change, Store, StoredFleet } from '../store.ts';
import { defaultJudgeOptions, type JudgeOptions, judgeFleet } from './cohort-evaluation.ts';
import { FleetScanner } from './fleet-scanner.ts';
import { cameraKey, type DriftIncidentRow } from './incident.ts';
import { IncidentRegistry, incidentMemoryMs } from './incident-registry.ts';

export interface DriftServicePorts {
  readonly registry: Registry;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly change: (key: string, change: Change) => void;
  readonly news: (incident: DriftIncident) => void;
}

const mostHistory = 50;
const severities = ['info', 'warning', 'error', 'critical'];

/** Drift over the whole fleet: keeps the incidents, judges them, and answers what people ask. */
export class DriftService {
  readonly #ports: DriftServicePorts;
  readonly #options: JudgeOptions;
  readonly #registry: IncidentRegistry;
  readonly #scanner: FleetScanner;

  constructor(ports: DriftServicePorts, options: Partial<JudgeOptions> = {}) {
    this.#ports = ports;
    this.#options = { ...defaultJudgeOptions, ...options };
    const { change, news, registry, clock } = ports;
    this.#scanner = new FleetScanner({
      registry,
      clock,
      hasIncident: (device, camera) => this.#registry.openOf(device, camera) !== undefined,
    });
    this.#registry = new IncidentRegistry(ports.clock, {
      incident: (row: DriftIncidentRow) => {
        const { id, device } = row.incident;
        change(`drift-incident ${id} ${device}`, { kind: 'drift-incident', row });
        news(row.incident);
      },
      view: ({ id, device }, view) =>
        change(`drift-view ${id} ${device}`, { kind: 'drift-view', incident: id, view }),
      status: (device, status) =>
        change(`drift-status ${status.camera} ${status.timeMs} ${device}`, {
          kind: 'drift-status',
          device,
          change: status,
        }),
    });
  }

  /** How far back a start has to read. */
  static readonly incidentMemoryMs = incidentMemoryMs;

  load({ drift }: StoredFleet): void {
    const reports = [...this.#ports.registry.devices()].map(({ id, reported }) => [id, reported] as const);
    this.#registry.load(drift.incidents, drift.events, drift.newestSeq, reports);
  }

  take(events: readonly FleetEvent[]): void {
    this.#registry.take(events);
  }

  reported(device: string, reported: Reported): void {
    this.#registry.reported(device, reported);
  }

  forget(device: string): void {
    this.#registry.forget(device);
  }

  close(): void {
    this.#scanner.close();
  }

  get open(): readonly DriftIncident[] {
    return this.#registry.open.map((row) => row.incident);
  }

  /** A turn; called every second. */
  turn(): void {
    this.#registry.sweep();
    const { open } = this.#registry;
    if (open.length === 0) return;
    const fleet = this.#scanner.fleet();
    if (fleet === undefined) return;
    const nowMs = this.#ports.clock.wallMs();
    const recent = this.#registry.startedSince(nowMs - incidentMemoryMs);
    for (const { row, incident } of judgeFleet(open, recent, fleet, nowMs, this.#options))
      this.#registry.judged(row, incident);
  }

  /** Cameras that fit, those in trouble first. */
  fleet(query: DriftCameraQuery): DriftFleet {
    const { registry } = this.#ports;
    const members = query.group === undefined ? undefined : new Set(registry.membersOf(query.group));
    const search = query.search?.toLowerCase();
    const all = [...registry.devices()]
      .filter(({ id }) => members?.has(id) ?? true)
      .filter(({ id }) => query.device === undefined || id === query.device)
      .flatMap((device) => this.#cameras(device))
      .filter(
        (row) => search === undefined || cameraKey(row.device, row.camera).toLowerCase().includes(search),
      );
    const rows = all
      .filter((row) => query.alarmed !== true || row.incident?.grade === 'alarm')
      .filter((row) => query.grade === undefined || row.incident?.grade === query.grade)
      .filter((row) => query.verdict === undefined || row.incident?.verdict.kind === query.verdict)
      .sort(byTrouble);
    const from =
      query.after === undefined
        ? 0
        : rows.findIndex((row) => cameraKey(row.device, row.camera) === query.after) + 1;
    const page = rows.slice(from, from + (query.limit ?? 100));
    const last = page.at(-1);
    const next =
      from + page.length < rows.length && last !== undefined
        ? cameraKey(last.device, last.camera)
        : undefined;
    const count = (state: CameraDrift['state']) => all.filter((row) => row.state === state).length;
    const open = all.flatMap(({ incident }) => incident ?? []);
    const alarms = open.filter(({ grade }) => grade === 'alarm');
    return {
      cameras: all.length,
      watching: count('watching'),
      learning: count('learning'),
      sensorOnly: count('sensor-only'),
      off: count('off'),
      alarmed: alarms.length,
      notices: open.length - alarms.length,
      believed: alarms.filter((incident) => incident.believed).length,
      cohorts: cohortsOf(open),
      falseDiscoveryRate: this.#options.falseDiscoveryRate,
      rows: page.map((row) => this.#withScore(row)),
      ...(next === undefined ? {} : { next }),
    };
  }

  async device(device: Device): Promise<DeviceDrift> {
    const { store } = this.#ports;
    const names = new Set([...(device.birth?.cameras ?? []), ...Object.keys(device.reported?.drift ?? {})]);
    const cameras = await Promise.all(
      [...names].sort().map(async (camera) => {
        const status = device.reported?.drift?.[camera];
        const incident = this.#registry.openOf(device.id, camera);
        const stored = incident === undefined ? undefined : await store.driftIncident(incident.id);
        const open = incident === undefined ? {} : { open: { ...incident, ...viewOf(stored) } };
        return { camera, ...(status === undefined ? {} : { status }), ...open };
      }),
    );
    const { incidents } = await store.driftIncidents({ device: device.id, limit: mostHistory });
    const history = await store.driftHistory(device.id, mostHistory);
    return { device: device.id, cameras, incidents: [...incidents], history: [...history] };
  }

  async incidents(query: DriftIncidentQuery): Promise<DriftIncidentList> {
    const { registry, store } = this.#ports;
    const devices = query.group === undefined ? undefined : registry.membersOf(query.group);
    const page = await store.driftIncidents(devices === undefined ? query : { ...query, devices });
    return { ...page, incidents: [...page.incidents] };
  }

  /** Looked up for what is shown alone: a fleet has many series. */
  #withScore(row: CameraDrift): CameraDrift {
    for (const { series, value } of this.#ports.registry.get(row.device)?.latest.values() ?? [])
      if (series.name === metricNames.driftScore && series.labels.camera === row.camera)
        return { ...row, score: value };
    return row;
  }

  #cameras(device: Device): CameraDrift[] {
    const groups = this.#ports.registry.groupNames(device);
    const names = new Set([...(device.birth?.cameras ?? []), ...Object.keys(device.reported?.drift ?? {})]);
    return [...names].map((camera) => {
      const status = device.reported?.drift?.[camera];
      const incident = this.#registry.openOf(device.id, camera);
      const learning = status?.learn?.state === 'learning' ? status.learn.progress : undefined;
      return {
        device: device.id,
        camera,
        online: device.online,
        groups: [...groups],
        ...(status === undefined ? {} : { state: status.state }),
        ...(status?.reason === undefined ? {} : { reason: status.reason }),
        ...(learning === undefined ? {} : { learning }),
        ...(status?.knownAnswer?.right === false ? { wrongAnswer: true } : {}),
        ...(incident === undefined ? {} : { incident }),
      };
    });
  }
}

function viewOf(stored: Awaited<ReturnType<Store['driftIncident']>>) {
  return stored?.view === undefined ? {} : { view: stored.view };
}

function byTrouble(a: CameraDrift, b: CameraDrift): number {
  const weight = ({ incident }: CameraDrift) =>
    incident === undefined
      ? -1
      : severities.indexOf(incident.severity) +
        (incident.believed ? 10 : 0) +
        (incident.grade === 'alarm' ? 100 : 0);
  const order = weight(b) - weight(a);
  if (order !== 0) return order;
  return cameraKey(a.device, a.camera) < cameraKey(b.device, b.camera) ? -1 : 1;
}

/** Incidents that belong together, without those of one camera. */
function cohortsOf(open: readonly DriftIncident[]): DriftFleet['cohorts'] {
  const found = new Map<string, DriftFleet['cohorts'][number]>();
  for (const { cohort, message, startedMs, grade } of open) {
    if (cohort.scope === 'camera') continue;
    const key = `${cohort.scope} ${cohort.name}`;
    const known = found.get(key);
    const alarms = grade === 'alarm' ? 1 : 0;
    if (known === undefined)
      found.set(key, { cohort, messages: [message], incidents: 1, alarms, sinceMs: startedMs });
    else {
      known.incidents += 1;
      known.alarms += alarms;
      known.sinceMs = Math.min(known.sinceMs, startedMs);
      if (!known.messages.includes(message)) known.messages.push(message);
      if (cohort.alarmed > known.cohort.alarmed) known.cohort = cohort;
    }
  }
  const hasAlarms = ({ alarms }: { readonly alarms: number }) => (alarms > 0 ? 1 : 0);
  return [...found.values()].sort(
    (a, b) => hasAlarms(b) - hasAlarms(a) || b.cohort.cameras - a.cohort.cameras,
  );
}
