import { Counter, Gauge, Registry } from 'prom-client';
import {
  addHistogram,
  countAtMost,
  type Device,
  emptyHistogram,
  type FleetController,
  type Histogram,
} from '../../controller/index.ts';
import { metricNames } from '../../protocol/index.ts';
import { registerDriftMetrics } from './drift-metrics.ts';
import { EventLoopDelay } from './event-loop-delay.ts';

/** Devices that get labels of their own; beyond, a fleet belongs in roll-ups and not in Prometheus. */
const maxDevices = 2_000;
/** Edges of the devices' own buckets, so that nothing is lost between them: 2 ms to 8 s. */
const edges = Array.from({ length: 13 }, (_, i) => 2 ** (i - 9));
const labels = ['device', 'model', 'version'] as const;
type Labels = Record<(typeof labels)[number], string>;

/** What Prometheus reads of the controller. */
export type MeasuredController = Pick<
  FleetController,
  'registry' | 'counters' | 'summary' | 'drift' | 'alerts'
>;

/** The controller as Prometheus reads it; everything is worked out when it is asked for. */
export class FleetMetrics {
  readonly #registry = new Registry();
  readonly #controller: MeasuredController;

  constructor(controller: MeasuredController) {
    this.#controller = controller;
    this.#counts();
    this.#devices();
    registerDriftMetrics(this.#registry, controller);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${latencyText(this.#online())}`;
  }

  #counts(): void {
    const { registry, counters, summary } = this.#controller;
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name: `goshawk_controller_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value());
        },
      });
    const counter = (name: string, help: string, value: () => number) =>
      new Counter({
        name: `goshawk_controller_${name}_total`,
        help,
        registers: [this.#registry],
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    gauge('devices', 'Devices that are registered', () => registry.size);
    gauge('devices_online', 'Devices that are online', () => summary.current().online);
    gauge('broker_connected', '1 while the controller has its broker', () =>
      summary.current().broker === 'online' ? 1 : 0,
    );
    gauge('storage_ok', '0 while nothing can be written to the database', () =>
      summary.current().storageFault === undefined ? 1 : 0,
    );
    gauge('clock_ok', '0 while the clock is ahead of what the devices say', () =>
      summary.current().clockFault === undefined ? 1 : 0,
    );
    gauge('database_bytes', 'Size of the database', () => summary.current().databaseBytes ?? 0);
    gauge('ingest_samples_per_second', 'Samples taken lately', () => summary.current().samplesPerSecond);
    counter('messages_received', 'MQTT messages', () => counters.messages);
    counter('samples_received', 'Samples of metrics', () => counters.samples);
    counter('events_received', 'Events of devices', () => counters.events);
    counter('sequence_gaps', 'Gaps in the numbering of batches', () => counters.gaps);
    counter('missing_batches', 'Batches that were missing in those gaps', () => counters.missingBatches);
    counter('malformed_messages', 'Messages that did not fit the protocol', () => counters.malformed);
    counter(
      'duplicate_batches',
      'Batches that came again and were not counted',
      () => counters.duplicateBatches,
    );
    counter('rebirths_asked', 'Births that were asked for again', () => counters.rebirthsAsked);
    counter('turned_away', 'Batches and events not taken for lack of room', () => counters.turnedAway);
    counter('unasked', 'Answers to no call and live pictures that nobody watches', () => counters.unasked);
    new Counter({
      name: 'goshawk_controller_over_quota_total',
      help: 'What was left out because a device exceeded a limit, by the limit; bytes for quota="bytes"',
      labelNames: ['quota'] as const,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [quota, count] of Object.entries(counters.overQuota)) this.inc({ quota }, count);
      },
    });
    counter('failed_callbacks', 'Steps of the controller that threw', () => counters.failedCallbacks);
    const delay = new EventLoopDelay();
    new Gauge({
      name: 'goshawk_controller_event_loop_delay_seconds',
      help: 'How long answers had to wait for other work, over the last half to whole minute',
      labelNames: ['quantile'] as const,
      registers: [this.#registry],
      collect() {
        const { p50, p99, max } = delay.read();
        this.set({ quantile: '0.5' }, p50);
        this.set({ quantile: '0.99' }, p99);
        this.set({ quantile: '1' }, max);
      },
    });
  }

  #online(): Device[] {
    const found: Device[] = [];
    for (const device of this.#controller.registry.devices()) {
      if (device.online) found.push(device);
      if (found.length >= maxDevices) break;
    }
    return found;
  }

  #devices(): void {
    const online = () => this.#online();
    const metric = (
      name: string,
      help: string,
      read: (device: Device) => readonly (readonly [Labels, number])[],
    ) =>
      new Gauge({
        name,
        help,
        labelNames: labels,
        registers: [this.#registry],
        collect() {
          this.reset();
          for (const device of online()) for (const [at, value] of read(device)) this.inc(at, value);
        },
      });
    metric('goshawk_device_frames_per_second', 'Frames per second, all cameras of the device', (device) =>
      byModel(device, metricNames.fps),
    );
    metric('goshawk_device_frames_processed', 'Frames processed since the agent started', (device) =>
      byModel(device, metricNames.processed),
    );
    metric('goshawk_device_memory_bytes', 'Resident memory of the agent', (device) =>
      byModel(device, metricNames.memory),
    );
  }
}

/** Model and version of a series, else what the device has loaded: memory belongs to the whole agent. */
function labelsOf(device: Device, own: Readonly<Record<string, string>>): Labels {
  const models = device.reported?.models ?? device.birth?.models ?? [];
  const model = models.find((one) => one.cameras.length > 0) ?? models[0];
  return {
    device: device.id,
    model: own.model ?? model?.name ?? '',
    version: own.version ?? model?.version ?? '',
  };
}

function byModel(device: Device, name: string): (readonly [Labels, number])[] {
  return [...device.latest.values()]
    .filter((latest) => latest.series.name === name)
    .map((latest) => [labelsOf(device, latest.series.labels), latest.value] as const);
}

function latencies(device: Device): { readonly labels: Labels; readonly counts: Histogram }[] {
  const merged = new Map<string, { labels: Labels; counts: Histogram }>();
  for (const latest of device.latest.values()) {
    if (latest.vital !== 'latency' || latest.total === undefined) continue;
    const at = labelsOf(device, latest.series.labels);
    const key = JSON.stringify(at);
    const found = merged.get(key) ?? { labels: at, counts: emptyHistogram() };
    merged.set(key, found);
    addHistogram(found.counts, latest.total);
  }
  return [...merged.values()];
}

const latencyName = 'goshawk_device_capture_to_publish_seconds';

/** Written by hand: the library's histogram counts by itself, and these were counted on the devices. */
function latencyText(devices: readonly Device[]): string {
  const lines = [
    `# HELP ${latencyName} From the stamp of a frame to its published result, since the controller started`,
    `# TYPE ${latencyName} histogram`,
  ];
  for (const { labels: at, counts } of devices.flatMap(latencies)) {
    const own = labels.map((name) => `${name}="${escapeLabel(at[name])}"`).join(',');
    for (const edge of edges)
      lines.push(`${latencyName}_bucket{${own},le="${edge}"} ${countAtMost(counts, edge)}`);
    lines.push(`${latencyName}_bucket{${own},le="+Inf"} ${counts.count}`);
    lines.push(`${latencyName}_sum{${own}} ${counts.sum}`, `${latencyName}_count{${own}} ${counts.count}`);
  }
  return `${lines.join('\n')}\n`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
