import type { FleetSummary } from '../api/index.ts';
import { type Clock, defined, type GoshawkError } from '../base/index.ts';
import type { TransportStatus } from '../protocol/index.ts';
import { type Counters, RateMeter } from './counters.ts';
import type { DeviceRegistry } from './fleet/device-registry.ts';

export interface FleetSummaryPorts {
  readonly registry: DeviceRegistry;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly broker: () => TransportStatus['state'];
  readonly storageFault: () => GoshawkError | undefined;
  readonly clockFault: () => GoshawkError | undefined;
  readonly databaseBytes: () => number | undefined;
  /** Open drift incidents that are believed alarms. */
  readonly driftIncidents: () => number;
  readonly alertsFiring: () => number;
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

  current(): FleetSummary {
    const { registry, counters, clock, ...read } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#kept !== undefined && nowMs - this.#kept.atMs < keptMs) return this.#kept.summary;
    const summary = defined({
      ...registry.overview(),
      broker: read.broker(),
      messagesReceived: counters.messages,
      messagesPerSecond: this.#messageRate.perSecond,
      samplesPerSecond: this.#sampleRate.perSecond,
      driftIncidents: read.driftIncidents(),
      alertsFiring: read.alertsFiring(),
      sequenceGaps: counters.gaps,
      malformed: counters.malformed,
      databaseBytes: read.databaseBytes(),
      storageFault: bodyOf(read.storageFault()),
      clockFault: bodyOf(read.clockFault()),
    });
    this.#kept = { atMs: nowMs, summary };
    return summary;
  }
}

function bodyOf(fault: GoshawkError | undefined): FleetSummary['storageFault'] {
  return fault && { code: fault.code, message: fault.message, remedy: fault.remedy };
}
