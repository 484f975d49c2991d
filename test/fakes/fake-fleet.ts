import type {
  DesiredSettings,
  DeviceDetail,
  DeviceSummary,
  FleetEvent,
  FleetSummary,
  LatestMetric,
  MetricAnswer,
  MetricSeries,
  ModelInfo,
} from '../../src/api/index.ts';
import { metricNames } from '../../src/protocol/index.ts';

const digest = (seed: string): string => `sha256:${seed.repeat(64).slice(0, 64)}`;

export const fakeModels: readonly ModelInfo[] = [
  model('street', '1.2.0', 'a1f09c', 3_400_000, 41, [0.612, 0.931]),
  model('street', '1.3.0-rc1', '7be412', 3_450_000, 0, [0.634, 0.94]),
  { ...model('yolox-nano', '1.0.0', 'c04d3e', 3_700_000, 2, [0.347, 0.511]), licence: 'Apache-2.0' },
  {
    ...model('fastestdet', '0.9.1', '55aa10', 950_000, 0, undefined),
    complete: false,
    missing: ['qdq-u8.onnx'],
  },
];

function model(
  name: string,
  version: string,
  seed: string,
  sizeBytes: number,
  devices: number,
  accuracy: readonly [number, number] | undefined,
): ModelInfo {
  const measured = (loss: number) =>
    accuracy === undefined
      ? {}
      : { map: accuracy[0] - loss, ap50: accuracy[1] - loss, dataset: 'street-held-out (500 images)' };
  return {
    name,
    version,
    digest: digest(seed),
    task: 'detection',
    licence: 'Apache-2.0',
    labels: ['car', 'truck', 'bus', 'pedestrian', 'bicycle', 'sign', 'light'],
    variants: [
      { kind: 'fp32', sizeBytes, ...measured(0) },
      { kind: 'qdq-s8', sizeBytes: Math.round(sizeBytes * 0.27), ...measured(0.009) },
      { kind: 'qdq-u8', sizeBytes: Math.round(sizeBytes * 0.27), ...measured(0.009) },
    ],
    sizeBytes: Math.round(sizeBytes * 1.54),
    uploadedMs: Date.UTC(2026, 2, 2, 9, 30),
    complete: true,
    missing: [],
    devices,
  };
}

/** A frozen camera of the first device, a deployment that failed, and who is away. */
function healthOf(id: string, index: number, online: boolean): DeviceSummary['health'] {
  if (!online) return { state: 'offline', reasons: ['connection-lost'], problems: [] };
  if (id === 'gate-01')
    return {
      state: 'degraded',
      reasons: ['rear: frozen'],
      problems: [{ kind: 'blind', camera: 'rear', what: 'frozen', sinceMs: Date.UTC(2026, 2, 2) }],
    };
  if (index % 11 !== 6) return { state: 'ok', reasons: [], problems: [] };
  const what = 'deployment failed: Golden set: mAP 0.41 is below the budget 0.55. The old model stays.';
  return { state: 'degraded', reasons: [what], problems: [{ kind: 'deployment-failed', what }] };
}

/** Same number for the same seed and time: a wave with a little noise on it. */
function wave(seed: number, timeMs: number): number {
  const x = timeMs / 1000;
  const noise = Math.sin((Math.floor(x) + seed * 71) * 12.9898) * 43758.5453;
  return 0.6 * Math.sin(x / (37 + (seed % 11)) + seed) + 0.4 * (2 * (noise - Math.floor(noise)) - 1);
}

const boards = ['NVIDIA Jetson AGX Orin', 'NVIDIA Jetson Orin NX', 'NVIDIA Jetson Orin Nano', 'x86-64 box'];
const deploymentWay = [
  'downloading',
  'verifying',
  'preparing',
  'checking',
  'ready',
  'swapping',
  'probation',
  'committed',
] as const;

/** Devices with changing numbers, made up from a count; what a dashboard asks a controller for. */
export class FakeFleet {
  readonly devices = new Map<string, DeviceSummary>();
  readonly settings = new Map<string, DesiredSettings>();
  readonly events: FleetEvent[] = [];
  #sequence = 0;

  constructor(count: number, nowMs: number) {
    for (let index = 0; index < count; index += 1) this.#add(index, nowMs);
    const first = [...this.devices.keys()][0];
    if (first === undefined) return;
    this.addEvent(first, 'session.started', 'info', 'Agent 0.1.0 started.', nowMs - 3_000_000);
    this.addEvent(first, 'deployment.committed', 'info', 'street 1.2.0 is in service.', nowMs - 2_900_000);
    this.addEvent(
      first,
      'camera.blurred',
      'warning',
      'The picture of front is blurred: sharpness 0.12 of normal. Clean the lens.',
      nowMs - 900_000,
      'front',
    );
    const offline = [...this.devices.values()].find((device) => !device.online);
    if (offline)
      this.addEvent(
        offline.id,
        'device.offline',
        'error',
        'Connection lost; nothing heard for 30 s.',
        nowMs - 240_000,
      );
  }

  #add(index: number, nowMs: number): void {
    const site = ['gate', 'yard', 'dock'][index % 3] ?? 'gate';
    const id = `${site}-${String(Math.floor(index / 3) + 1).padStart(2, '0')}`;
    const board = boards[index % boards.length] ?? 'board';
    const online = index % 9 !== 4;
    const chosen = fakeModels[index % 7 === 3 ? 2 : 0]!;
    this.devices.set(id, {
      id,
      online,
      ...(online ? {} : { offlineReason: 'connection-lost' }),
      lastSeenMs: online ? nowMs : nowMs - 240_000 - index * 1000,
      groups: [site, ...(index % 5 === 0 ? ['canary'] : [])],
      board,
      agentVersion: '0.1.0',
      cameras: index % 4 === 0 ? ['front', 'rear'] : ['front'],
      fps: 30,
      latencyP50Ms: 22,
      latencyP99Ms: 41,
      slots: {
        main: {
          loaded: {
            name: chosen.name,
            version: chosen.version,
            digest: chosen.digest,
            engine: board.startsWith('NVIDIA') ? 'tensorrt' : 'onnxruntime-node',
            precision: 'int8',
          },
          deployment:
            index % 11 === 6
              ? {
                  state: 'failed',
                  digest: fakeModels[1]!.digest,
                  reason: 'Golden set: mAP 0.41 is below the budget 0.55. The old model stays.',
                }
              : { state: 'committed', digest: chosen.digest },
        },
      },
      desiredGeneration: 3,
      reportedGeneration: 3,
      ...(board.startsWith('NVIDIA') ? { temperatureC: 50, powerW: 14 } : {}),
      memoryBytes: 420_000_000,
      warnings: index % 6 === 0 ? 1 + (index % 4) : 0,
      health: healthOf(id, index, online),
      // As the alerts of the made-up drift have it.
      alerts: id === 'gate-01' || (site === 'dock' && index < 9) ? 1 : 0,
    });
    this.settings.set(id, {});
    this.tick(id, nowMs);
  }

  /** New numbers for one device. */
  tick(id: string, nowMs: number): DeviceSummary | undefined {
    const device = this.devices.get(id);
    if (device === undefined) return undefined;
    const seed = [...id].reduce((sum, char) => sum * 7 + char.charCodeAt(0), 1) % 997;
    if (!device.online) return device;
    const next = {
      ...device,
      lastSeenMs: nowMs,
      fps: 29.4 * device.cameras.length + wave(seed, nowMs) * 1.8,
      latencyP50Ms: 21 + wave(seed + 1, nowMs) * 2,
      latencyP99Ms: 40 + wave(seed + 2, nowMs) * 9,
      ...(device.temperatureC === undefined
        ? {}
        : { temperatureC: 54 + wave(seed, nowMs / 8) * 6, powerW: 16 + wave(seed + 3, nowMs) * 2 }),
    };
    this.devices.set(id, next);
    return next;
  }

  change(id: string, part: Partial<DeviceSummary>): DeviceSummary {
    const next = { ...this.devices.get(id)!, ...part };
    this.devices.set(id, next);
    return next;
  }

  /** What follows an order, one step per call; undefined when there is nothing to do. */
  *deploy(id: string, wanted: DesiredSettings, nowMs: () => number): Generator<DeviceSummary> {
    const device = this.devices.get(id)!;
    this.settings.set(id, wanted);
    const generation = device.desiredGeneration + 1;
    yield this.change(id, { desiredGeneration: generation });
    if (!device.online) return;
    const model = wanted.slots?.main?.model;
    const before = device.slots.main?.loaded;
    if (model === undefined || before === undefined || model.digest === before.digest) {
      yield this.change(id, { reportedGeneration: generation });
      return;
    }
    for (const state of deploymentWay) {
      const { digest: wantedDigest, name, version } = model;
      const swapped = state === 'probation' || state === 'committed';
      yield this.change(id, {
        reportedGeneration: generation,
        slots: {
          main: {
            deployment: { state, digest: wantedDigest },
            loaded: swapped ? { ...before, name, version, digest: wantedDigest } : before,
          },
        },
      });
    }
    this.addEvent(
      id,
      'deployment.committed',
      'info',
      `${model.name} ${model.version} is in service.`,
      nowMs(),
    );
  }

  addEvent(
    device: string,
    kind: string,
    severity: FleetEvent['severity'],
    message: string,
    timeMs: number,
    camera?: string,
  ): FleetEvent {
    this.#sequence += 1;
    const event: FleetEvent = {
      seq: this.#sequence,
      id: `event-${this.#sequence}`,
      device,
      timeMs,
      receivedMs: timeMs,
      kind,
      severity,
      message,
      ...(camera ? { camera } : {}),
    };
    this.events.unshift(event);
    return event;
  }

  summary(nowMs: number): FleetSummary {
    const online = [...this.devices.values()].filter((device) => device.online);
    return {
      timeMs: nowMs,
      devices: this.devices.size,
      online: online.length,
      broker: 'online',
      messagesReceived: Math.round(nowMs / 100) % 1_000_000,
      messagesPerSecond: online.length * 0.6,
      samplesPerSecond: online.length * 30,
      sequenceGaps: 0,
      malformed: 0,
      fps: online.reduce((sum, device) => sum + (device.fps ?? 0), 0),
      ...(online.length > 0 ? { latencyP50Ms: 21.4, latencyP99Ms: 43 + wave(5, nowMs) * 4 } : {}),
      warnings: [...this.devices.values()].reduce((sum, device) => sum + device.warnings, 0),
      models: [],
      deployments: {},
      health: { ok: online.length, degraded: 0, blind: 0, offline: this.devices.size - online.length },
    };
  }

  detail(id: string, nowMs: number): DeviceDetail | undefined {
    const summary = this.devices.get(id);
    if (summary === undefined) return undefined;
    const settings = this.settings.get(id) ?? {};
    return {
      summary,
      birth: {
        online: true,
        session: 17,
        timeMs: nowMs - 3_000_000,
        startedMs: nowMs - 3_000_000,
        reportsEverySeconds: 10,
        agentVersion: '0.1.0',
        board: {
          name: summary.board ?? '',
          arch: 'arm64',
          os: 'Ubuntu 22.04, JetPack 6.2',
          cores: 12,
          memoryBytes: 32_000_000_000,
          powerMode: 'MAXN',
        },
        cameras: [...summary.cameras],
        catalogue: [],
      },
      reported: {
        generation: summary.reportedGeneration ?? 0,
        session: 17,
        timeMs: nowMs,
        slots: Object.fromEntries(
          Object.entries(summary.slots).map(([slot, one]) => [
            slot,
            { ...one, role: 'serve' as const, cameras: ['front'] },
          ]),
        ),
        pipelines: settings.pipelines ?? {},
        cameras: Object.fromEntries(summary.cameras.map((camera) => [camera, cameraReport(camera, nowMs)])),
      },
      desired: { generation: summary.desiredGeneration, timeMs: nowMs, ...settings },
      settings,
      sources: {},
      metrics: this.#latest(summary, nowMs),
    };
  }

  #latest(summary: DeviceSummary, nowMs: number): LatestMetric[] {
    const labels = { camera: 'front' };
    const at = { labels, timeMs: nowMs };
    const processed = Math.round((nowMs % 3_600_000) * 0.03);
    const stage = (name: string, meanMs: number): LatestMetric => ({
      ...at,
      name,
      unit: 'seconds',
      kind: 'histogram',
      histogram: {
        count: 1800,
        sum: 1.8 * meanMs,
        p50: meanMs / 1000,
        p95: (meanMs * 1.3) / 1000,
        p99: (meanMs * 1.7) / 1000,
      },
    });
    const gauge = (name: string, unit: string, value: number): LatestMetric => ({
      ...at,
      name,
      unit,
      kind: 'gauge',
      value,
    });
    const counter = (name: string, value: number): LatestMetric => ({
      ...at,
      name,
      unit: '1',
      kind: 'counter',
      value,
    });
    return [
      gauge(metricNames.fps, '1', summary.fps ?? 0),
      counter(metricNames.processed, processed),
      counter(metricNames.received, Math.round(processed * 1.004)),
      counter(metricNames.cameraBytes, processed * 21_000),
      counter(metricNames.cameraDecodeErrors, 3),
      gauge(metricNames.cameraFrameAge, 'seconds', 0.04),
      counter(metricNames.superseded, Math.round(processed * 0.004)),
      counter(metricNames.dropped, 0),
      stage(metricNames.latency, 22),
      stage(metricNames.preprocess, 2.1),
      stage(metricNames.infer, 14.6),
      stage(metricNames.postprocess, 0.9),
      gauge(metricNames.memory, 'bytes', 420_000_000),
      ...(summary.temperatureC === undefined
        ? []
        : [
            gauge(metricNames.temperature, 'celsius', summary.temperatureC),
            gauge(metricNames.power, 'watts', summary.powerW ?? 0),
          ]),
    ];
  }

  /** A history that looks like one, with a hole of two minutes in it. */
  history(name: string, fromMs: number, toMs: number, stepMs: number): MetricAnswer {
    const timeMs: number[] = [];
    for (let time = Math.ceil(fromMs / stepMs) * stepMs; time < toMs; time += stepMs) {
      if (toMs - time < 300_000 || toMs - time > 420_000) timeMs.push(time);
    }
    const bases: Record<string, [number, number]> = {
      [metricNames.fps]: [29.4, 1.2],
      [metricNames.temperature]: [55, 5],
      [metricNames.power]: [16, 2],
      [metricNames.memory]: [420e6, 9e6],
    };
    const line = (base: number, height: number, seed: number) =>
      timeMs.map((time) => base + height * wave(seed, time));
    const [base, height] = bases[name] ?? [0.02, 0.002];
    const histogram = bases[name] === undefined;
    const series: MetricSeries = {
      name,
      labels: { camera: 'front' },
      unit: histogram ? 'seconds' : '1',
      kind: histogram ? 'histogram' : 'gauge',
      timeMs,
      count: timeMs.map(() => 1),
      avg: line(base, height, 3),
      ...(histogram
        ? { p50: line(0.021, 0.002, 4), p95: line(0.033, 0.004, 5), p99: line(0.041, 0.008, 6) }
        : { min: line(base, height, 3), max: line(base * 1.02, height, 3), last: line(base, height, 3) }),
    };
    return { tier: 'raw', fromMs, toMs, stepMs, series: [series] };
  }
}

/** A camera that is well, and one that is gone. */
function cameraReport(
  camera: string,
  nowMs: number,
): NonNullable<NonNullable<DeviceDetail['reported']>['cameras']>[string] {
  if (camera === 'front') return { targetFps: 25, connects: 2, connectedSinceMs: nowMs - 7_500_000 };
  return {
    targetFps: 5,
    connects: 4,
    fault: 'The camera at rtsp://10.0.0.7/stream1 gives no picture. Look at its cable and its power.',
    graph: [
      {
        node: 'plates',
        problem:
          'The node "plates" cuts out "truck", which street in front of it does not know. Its classes are car, person.',
      },
    ],
  };
}
