import { Registry } from 'prom-client';
import { controllerMetrics, metricCatalogue, rolloutStates } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { registerCertificates } from './certificates.ts';
import { countBy } from './counted.ts';
import { registerDeviceMetrics } from './device-metrics.ts';
import { registerDriftMetrics } from './drift-metrics.ts';
import { latencyText } from './fleet-latency.ts';
import { shown } from './instruments.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { shownBy } from './shown.ts';
import { registerTemperatures } from './temperatures.ts';
import type { Answered, WorkMetrics } from './work-metrics.ts';

/** What Prometheus reads of the controller. */
export type MeasuredController = Pick<
  FleetController,
  'registry' | 'counters' | 'summary' | 'drift' | 'alerts' | 'rollouts' | 'enrolment'
>;

export interface FleetMetricsOptions {
  /** Of the process that the controller is in, counted since before there was a controller. */
  readonly process?: ProcessMetrics;
  /** Names of the controller's own certificates, and when they expire. */
  readonly certificates?: ReadonlyMap<string, number>;
}

const metrics = controllerMetrics;

/** The controller as Prometheus reads it; everything but what takes time is worked out when it is asked for. */
export class FleetMetrics {
  readonly #registry = new Registry();
  readonly #merged: Registry;
  readonly #work: WorkMetrics;
  readonly #controller: MeasuredController;

  constructor(controller: MeasuredController, options: FleetMetricsOptions = {}) {
    const { process = new ProcessMetrics(), certificates = new Map() } = options;
    this.#controller = controller;
    this.#work = process.work;
    this.#counts();
    this.#states();
    registerDeviceMetrics(this.#registry, controller.registry);
    registerDriftMetrics(this.#registry, controller);
    registerCertificates(this.#registry, controller.enrolment, certificates);
    registerTemperatures(this.#registry, controller.registry);
    this.#merged = Registry.merge([process.program, process.work.registry, this.#registry]);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return `${await this.#merged.metrics()}\n${latencyText(this.#controller.registry)}`;
  }

  /** For receivers other than Prometheus; what devices have they send themselves. */
  shown() {
    return shownBy(this.#merged, [...metricCatalogue.controller, ...metricCatalogue.both]);
  }

  answered(request: Answered): void {
    this.#work.answered(request);
  }

  streamsOpen(count: number): void {
    this.#work.streamsOpen(count);
  }

  streamed(seconds: number): void {
    this.#work.streamed(seconds);
  }

  #counts(): void {
    const { counters, alerts } = this.#controller;
    for (const name of [
      ...([
        'messages',
        'samples',
        'events',
        'gaps',
        'missingBatches',
        'malformed',
        'duplicateBatches',
      ] as const),
      ...(['rebirthsAsked', 'turnedAway', 'unasked', 'failedCallbacks'] as const),
    ])
      shown(this.#registry, metrics[name], (put) => put(counters[name]));
    shown(this.#registry, metrics.overQuota, (put) => {
      for (const [quota, count] of Object.entries(counters.overQuota)) put(count, { quota });
    });
    shown(this.#registry, metrics.messagesWaiting, (put) => put(alerts.deliveries.waiting));
    shown(this.#registry, metrics.alertMessages, (put) => {
      for (const [result, count] of Object.entries(alerts.deliveries.counts)) put(count, { result });
    });
  }

  #states(): void {
    const { summary, rollouts } = this.#controller;
    const show = (row: (typeof metrics)[keyof typeof metrics], value: () => number) =>
      shown(this.#registry, row, (put) => put(value()));
    show(metrics.brokerConnected, () => (summary.current().broker === 'online' ? 1 : 0));
    show(metrics.storageOk, () => (summary.current().storageFault === undefined ? 1 : 0));
    show(metrics.clockOk, () => (summary.current().clockFault === undefined ? 1 : 0));
    show(metrics.databaseBytes, () => summary.current().databaseBytes ?? 0);
    shown(this.#registry, metrics.devices, (put) => {
      for (const [health, count] of Object.entries(summary.current().health ?? {})) put(count, { health });
    });
    shown(this.#registry, metrics.rollouts, (put) => {
      for (const [state, count] of countBy(
        rolloutStates,
        rollouts.all().map(({ state }) => state),
      ))
        put(count, { state });
    });
  }
}
