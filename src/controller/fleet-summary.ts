import type { FleetSummary } from '../api/index.ts';
import { type Clock, canonicalJson, defined, type GoshawkError } from '../base/index.ts';
import type { Transport } from '../protocol/index.ts';
import type { AlertService } from './alerts/alert-service.ts';
import { hasAlert } from './alerts/alert-view.ts';
import { type Counters, RateMeter } from './counters.ts';
import type { DriftService } from './drift/drift-service.ts';
import type { DeviceRegistry } from './fleet/device-registry.ts';
import { type FleetView, wholeFleet } from './fleet/fleet-view.ts';
import type { LiveUpdates } from './fleet/live-updates.ts';
import type { DataRetention } from './history/data-retention.ts';
import type { IngestQueue } from './ingest/ingest-queue.ts';
import type { PeriodicTask } from './module.ts';

export interface FleetSummaryPorts {
  readonly registry: DeviceRegistry;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly transport: Pick<Transport, 'status'>;
  readonly ingest: Pick<IngestQueue, 'fault'>;
  readonly retention: Pick<DataRetention, 'clockFault' | 'databaseBytes'>;
  readonly drift: Pick<DriftService, 'openIncidents'>;
  readonly alerts: Pick<AlertService, 'firing'>;
  readonly updates: LiveUpdates;
}

const keptMs = 1_000;
const mostKept = 200;

/** The fleet at a glance, worked out at most once a second, however many ask. */
export class FleetSummarizer {
  readonly #ports: FleetSummaryPorts;
  readonly #messageRate: RateMeter;
  readonly #sampleRate: RateMeter;
  /** By scope. */
  readonly #kept = new Map<string, { readonly atMs: number; readonly summary: FleetSummary }>();

  constructor(ports: FleetSummaryPorts) {
    this.#ports = ports;
    const { clock, counters } = ports;
    this.#messageRate = new RateMeter(clock, () => counters.messages);
    this.#sampleRate = new RateMeter(clock, () => counters.samples);
  }

  tasks(): readonly PeriodicTask[] {
    const { updates } = this.#ports;
    const publish = () => {
      if (updates.hasSubscribers) updates.publish({ name: 'fleet', data: this.current() });
    };
    return [{ everyMs: 2_000, run: publish }];
  }

  current(view: FleetView = wholeFleet): FleetSummary {
    const nowMs = this.#ports.clock.monotonicMs();
    const key = canonicalJson(view.scope ?? null);
    const kept = this.#kept.get(key);
    if (kept !== undefined && nowMs - kept.atMs < keptMs) return kept.summary;
    const summary = this.#summary(view);
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(key, { atMs: nowMs, summary });
    return summary;
  }

  #summary(view: FleetView): FleetSummary {
    const { registry, transport, ingest, drift, alerts } = this.#ports;
    const alarms = drift.openIncidents.filter(({ believed, grade }) => believed && grade === 'alarm');
    return defined({
      ...registry.overview(view),
      broker: transport.status().state,
      driftIncidents: alarms.filter(({ device }) => view.has(device)).length,
      alertsFiring: alerts.firing.filter((alert) => hasAlert(view, alert)).length,
      storageFault: bodyOf(ingest.fault),
      ...(view.scope === undefined ? this.#totals() : {}),
    });
  }

  /** They count what all devices send. */
  #totals() {
    const { counters, retention } = this.#ports;
    return {
      messagesReceived: counters.messages,
      messagesPerSecond: this.#messageRate.perSecond,
      samplesPerSecond: this.#sampleRate.perSecond,
      sequenceGaps: counters.gaps,
      malformed: counters.malformed,
      databaseBytes: retention.databaseBytes,
      clockFault: bodyOf(retention.clockFault),
    };
  }
}

function bodyOf(fault: GoshawkError | undefined): FleetSummary['storageFault'] {
  return fault && { code: fault.code, message: fault.message, remedy: fault.remedy };
}
