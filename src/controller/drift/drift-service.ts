import type {
  CameraDrift,
  DeviceDrift,
  DriftCameraQuery,
  DriftFleet,
  DriftIncident,
  DriftIncidentDetail,
  DriftIncidentList,
  DriftIncidentQuery,
} from '../../api/index.ts';
import { type Clock, defined, MissingError } from '../../base/index.ts';
import { metricNames } from '../../protocol/index.ts';
import type { EventBus } from '../event-bus.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { Guard } from '../guard.ts';
import type { PeriodicTask } from '../module.ts';
import type { DriftIncidentRow } from '../store/rows.ts';
import type { Change, Store, StoredFleet } from '../store/store.ts';
import { pageOfCameras } from './camera-list.ts';
import { defaultEvaluationOptions, type EvaluationOptions, evaluateIncidents } from './cohort-evaluation.ts';
import { FleetScanner } from './fleet-scanner.ts';
import { IncidentRegistry, incidentMemoryMs } from './incident-registry.ts';
import { incidentIn } from './incident-view.ts';

export interface DriftServicePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly bus: EventBus;
  readonly guard: Guard;
}

const maxHistory = 50;

/** Drift over the whole fleet: keeps the incidents, evaluates them, and answers the queries about them. */
export class DriftService {
  readonly #ports: DriftServicePorts;
  #options: EvaluationOptions;
  readonly #incidents: IncidentRegistry;
  readonly #scanner: FleetScanner;

  constructor(ports: DriftServicePorts, options: Partial<EvaluationOptions> = {}) {
    this.#ports = ports;
    this.#options = { ...defaultEvaluationOptions, ...options };
    const { change, bus, registry, clock } = ports;
    this.#scanner = new FleetScanner({
      registry,
      clock,
      hasIncident: (device, camera) => this.#incidents.openIncident(device, camera) !== undefined,
    });
    this.#incidents = new IncidentRegistry(ports.clock, {
      incident: (row: DriftIncidentRow) => {
        const { id, device } = row.incident;
        change(`drift-incident ${id} ${device}`, { kind: 'drift-incident', row });
        bus.emit('incidentChanged', row.incident);
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
    bus.on('deviceReported', ({ id }, reported) => this.#incidents.applyReport(id, reported));
    bus.on('committed', ({ events }) => this.#incidents.applyEvents(events));
  }

  /** How far back a start has to read. */
  static readonly incidentMemoryMs = incidentMemoryMs;

  /** In force with the next evaluation. */
  reconfigure({ falseDiscoveryRate }: EvaluationOptions): void {
    this.#options = { falseDiscoveryRate };
  }

  /** One incident that can't be used must not keep the fleet from starting. */
  load({ drift }: StoredFleet): void {
    const reports = [...this.#ports.registry.devices()].map(({ id, reported }) => [id, reported] as const);
    this.#ports.guard.run('load drift', () =>
      this.#incidents.load(drift.incidents, drift.events, drift.newestSeq, reports),
    );
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 1_000, run: () => this.#evaluate() }];
  }

  forgetDevice(device: string): void {
    this.#incidents.forgetDevice(device);
  }

  close(): void {
    this.#scanner.close();
  }

  get openIncidents(): readonly DriftIncident[] {
    return this.#incidents.openRows.map((row) => row.incident);
  }

  #evaluate(): void {
    this.#incidents.endForgotten();
    const open = this.#incidents.openRows;
    if (open.length === 0) return;
    const fleet = this.#scanner.monitoredFleet();
    if (fleet === undefined) return;
    const nowMs = this.#ports.clock.wallMs();
    const recent = this.#incidents.startedSince(nowMs - incidentMemoryMs);
    for (const { row, incident } of evaluateIncidents(open, recent, fleet, nowMs, this.#options))
      this.#incidents.applyEvaluation(row, incident);
  }

  /** Cameras that fit, those in trouble first. */
  listCameras(query: DriftCameraQuery, view: FleetView = wholeFleet): DriftFleet {
    const { registry } = this.#ports;
    const members = query.group === undefined ? undefined : new Set(registry.membersOf(query.group));
    const rows = [...registry.devices()]
      .filter(({ id }) => view.has(id) && (members?.has(id) ?? true))
      .filter(({ id }) => query.device === undefined || id === query.device)
      .flatMap((device) => this.#cameras(view, device));
    const list = pageOfCameras(rows, query, this.#options.falseDiscoveryRate);
    return { ...list, rows: list.rows.map((row) => this.#withScore(row)) };
  }

  async detailOfDevice(id: string, view: FleetView = wholeFleet): Promise<DeviceDrift> {
    const { registry, store } = this.#ports;
    const device = registry.expect(id);
    const names = new Set([...(device.birth?.cameras ?? []), ...Object.keys(device.reported?.drift ?? {})]);
    const cameras = await Promise.all(
      [...names].sort().map(async (camera) => {
        const status = device.reported?.drift?.[camera];
        const incident = this.#incidents.openIncident(device.id, camera);
        const stored = incident === undefined ? undefined : await store.driftIncident(incident.id);
        const open =
          incident === undefined ? {} : { open: { ...incidentIn(view, incident), ...viewOf(stored) } };
        return { camera, ...defined({ status }), ...open };
      }),
    );
    const { incidents } = await store.driftIncidents({ device: device.id, limit: maxHistory });
    const history = await store.driftHistory(device.id, maxHistory);
    return {
      device: device.id,
      cameras,
      incidents: incidents.map((one) => incidentIn(view, one)),
      history: [...history],
    };
  }

  async listIncidents(query: DriftIncidentQuery, view: FleetView = wholeFleet): Promise<DriftIncidentList> {
    const { registry, store } = this.#ports;
    const members = query.group === undefined ? undefined : registry.membersOf(query.group);
    const devices = members?.filter(view.has) ?? view.ids();
    // The database knows one device or several.
    if (query.device !== undefined && !view.has(query.device)) return { incidents: [] };
    const page = await store.driftIncidents(devices === undefined ? query : { ...query, devices });
    return { ...page, incidents: page.incidents.map((one) => incidentIn(view, one)) };
  }

  /** MissingError `incident-unknown`. */
  async incidentDetail(id: string, view: FleetView = wholeFleet): Promise<DriftIncidentDetail> {
    const stored = await this.#ports.store.driftIncident(id);
    if (stored === undefined || !view.has(stored.incident.device))
      throw new MissingError(
        'incident-unknown',
        `There is no incident ${id}.`,
        'List them: goshawk drift list.',
      );
    return { ...incidentIn(view, stored.incident), ...viewOf(stored) };
  }

  /** Looked up for what is shown alone: a fleet has many series. */
  #withScore(row: CameraDrift): CameraDrift {
    for (const { series, value } of this.#ports.registry.get(row.device)?.latest.values() ?? [])
      if (series.name === metricNames.driftScore && series.labels.camera === row.camera)
        return { ...row, score: value };
    return row;
  }

  #cameras(view: FleetView, device: Device): CameraDrift[] {
    const groups = this.#ports.registry.groupNames(device);
    const names = new Set([...(device.birth?.cameras ?? []), ...Object.keys(device.reported?.drift ?? {})]);
    return [...names].map((camera) => {
      const status = device.reported?.drift?.[camera];
      const incident = this.#incidents.openIncident(device.id, camera);
      const learning = status?.learn?.state === 'learning' ? status.learn.progress : undefined;
      return {
        device: device.id,
        camera,
        online: device.online,
        groups: [...groups],
        ...(status === undefined ? {} : { state: status.state }),
        ...defined({ watched: status?.watched }),
        ...(status?.reason === undefined ? {} : { reason: status.reason }),
        ...defined({ learning }),
        ...(status?.knownAnswer?.right === false ? { wrongAnswer: true } : {}),
        ...defined({ hardFrames: status?.hardFrames }),
        ...defined({ incident: incident && incidentIn(view, incident) }),
      };
    });
  }
}

function viewOf(stored: Awaited<ReturnType<Store['driftIncident']>>) {
  return stored?.view === undefined ? {} : { view: stored.view };
}
