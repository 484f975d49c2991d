import { Counter, Gauge, Registry } from 'prom-client';
import { defined } from '../../base/index.ts';
import type { Device, FleetController } from '../../controller/index.ts';
import { metricNames } from '../../protocol/index.ts';
import { registerDriftMetrics } from './drift-metrics.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { latencyText } from './fleet-latency.ts';

/** Devices that get labels of their own; beyond, a fleet belongs in roll-ups and not in Prometheus. */
const maxDevices = 2_000;
/** Cameras of them. */
const maxSeries = 8_000;
const seriesLabels = ['device', 'camera', 'model', 'version'] as const;

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
    const devices = this.#online();
    return `${await this.#registry.metrics()}\n${latencyText(devices)}`;
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
    gauge('storage_ok', '0 while the controller can not write to the database', () =>
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
    counter('rebirths_asked', 'Births that the controller requested again', () => counters.rebirthsAsked);
    counter('turned_away', 'Batches and events refused for lack of room', () => counters.turnedAway);
    counter('unasked', 'Answers without a call, and live pictures without a viewer', () => counters.unasked);
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
    const registers = [this.#registry];
    const gauge = (metric: string, help: string) =>
      new Gauge({
        ...{ name: metric, help, labelNames: seriesLabels, registers },
        collect() {
          this.reset();
          for (const { labels, value } of seriesOf(online(), metric)) this.set(labels, value);
        },
      });
    gauge(metricNames.fps, 'Frames per second of a camera');
    gauge(metricNames.memory, 'Resident memory of the agent');
    new Counter({
      name: metricNames.processed,
      help: 'Frames processed since the agent started',
      labelNames: seriesLabels,
      registers,
      collect() {
        this.reset();
        for (const { labels, value } of seriesOf(online(), metricNames.processed)) this.inc(labels, value);
      },
    });
    new Gauge({
      name: 'goshawk_controller_device_health',
      help: 'Devices that are registered, by their health',
      labelNames: ['state'] as const,
      registers,
      collect: collectHealth(() => this.#controller.summary.current().health),
    });
  }
}

type Health = NonNullable<ReturnType<MeasuredController['summary']['current']>['health']>;

function collectHealth(read: () => Health | undefined) {
  return function collect(this: Gauge<'state'>): void {
    for (const [state, count] of Object.entries(read() ?? {})) this.set({ state }, count);
  };
}

interface Series {
  readonly labels: Partial<Record<(typeof seriesLabels)[number], string>>;
  readonly value: number;
}

/** As the agent itself exposes them, with the device beside its own labels. */
function seriesOf(devices: readonly Device[], name: string): Series[] {
  const found: Series[] = [];
  for (const device of devices)
    for (const { series, value } of device.latest.values()) {
      if (series.name !== name) continue;
      if (found.length >= maxSeries) return found;
      found.push({ labels: ownLabels(device, series.labels), value });
    }
  return found;
}

function ownLabels(device: Device, { camera, model, version }: Readonly<Record<string, string>>) {
  return {
    device: device.id,
    ...defined({ camera, model, version }),
  };
}
