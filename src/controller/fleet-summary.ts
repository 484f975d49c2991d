import type { FleetSummary } from '../api/index.ts';
import { type Clock, defined, type GoshawkError } from '../base/index.ts';
import type { Transport } from '../protocol/index.ts';
import type { AlertService } from './alerts/alert-service.ts';
import { type Counters, RateMeter } from './counters.ts';
import type { DriftService } from './drift/drift-service.ts';
import type { DeviceRegistry } from './fleet/device-registry.ts';
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

/** The fleet at a glance, worked out at most once a second, however many ask. */
export class FleetSummarizer {
  readonly #ports: FleetSummaryPorts;
  readonly #messageRate: RateMeter;
  readonly #sampleRate: RateMeter;
  #kept: { readonly atMs: number; readonly summary: FleetSummary } | undefined;

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

  current(): FleetSummary {
    const { registry, counters, clock, transport, ingest, retention, drift, alerts } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#kept !== undefined && nowMs - this.#kept.atMs < keptMs) return this.#kept.summary;
    const summary = defined({
      ...registry.overview(),
      broker: transport.status().state,
      messagesReceived: counters.messages,
      messagesPerSecond: this.#messageRate.perSecond,
      samplesPerSecond: this.#sampleRate.perSecond,
      driftIncidents: drift.openIncidents.filter(({ believed, grade }) => believed && grade === 'alarm')
        .length,
      alertsFiring: alerts.firing.length,
      sequenceGaps: counters.gaps,
      malformed: counters.malformed,
      databaseBytes: retention.databaseBytes,
      storageFault: bodyOf(ingest.fault),
      clockFault: bodyOf(retention.clockFault),
    });
    this.#kept = { atMs: nowMs, summary };
    return summary;
  }
}

function bodyOf(fault: GoshawkError | undefined): FleetSummary['storageFault'] {
  return fault && { code: fault.code, message: fault.message, remedy: fault.remedy };
}
