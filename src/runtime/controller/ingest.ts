import { hostname } from 'node:os';
import { nodeSecrets } from '../../adapters/crypto/index.ts';
import type { Clock, GoshawkError, Log } from '../../base/index.ts';
import { type IngestStore, TelemetryIngest } from '../../controller/index.ts';
import type { TelemetrySource } from '../../protocol/index.ts';
import { telemetrySource } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { databaseAddress, isOutdated, neededDatabase, whenMade } from './database.ts';
import type { ProcessProbes, RoleHealth } from './probes.ts';

export interface IngestPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly probes: ProcessProbes;
  /** Ends the waiting for a leader. */
  readonly signal: AbortSignal;
  /** The database belongs to a newer version: this process must end. */
  readonly onOutdated: (error: GoshawkError) => void;
}

/** The role ingest: stores telemetry beside others. */
export class IngestRole {
  /** Telemetry is taken, which a leader must have made the tables for. */
  readonly started: Promise<void>;
  #ingest: TelemetryIngest | undefined;
  #closed = false;

  constructor(settings: ControllerSettings, ports: IngestPorts) {
    this.started = this.#start(settings, ports);
  }

  reconfigure({ quotas }: ControllerSettings): void {
    this.#ingest?.reconfigure(quotas);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.started.catch(() => {});
    await this.#ingest?.close();
  }

  async #start(
    settings: ControllerSettings,
    { clock, log, probes, signal, onOutdated }: IngestPorts,
  ): Promise<void> {
    const { ingest, broker, quotas } = settings;
    const client = ingest.client ?? clientOf(hostname(), process.pid);
    const source = await telemetrySource(ingest.broker ?? broker, client, { clock, log });
    const address = await databaseAddress(neededDatabase(settings));
    const { PostgresIngestStore } = await import('../../adapters/postgres/index.ts');
    const store = await whenMade(() => PostgresIngestStore.open({ address, signal }), { log, signal });
    const ports = { source, secrets: nodeSecrets, clock, log };
    const measured = endedBy(probes.metrics.work.measured(store), onOutdated);
    const running = new TelemetryIngest({ ...ports, store: measured }, { quotas });
    this.#ingest = running;
    if (this.#closed) return;
    const isWell = () => ({
      broker: source.status().state === 'online',
      storage: running.fault === undefined,
    });
    probes.show('ingest', () => ingestHealth(running, source));
    probes.metrics.showIngest(running, isWell);
    running.start();
    log.info('Stores metrics and events', { client });
  }
}

function ingestHealth({ fault, counters }: TelemetryIngest, source: TelemetrySource): RoleHealth {
  const { state } = source.status();
  const { messages, samples, events } = counters;
  return {
    part: 'ingest',
    well: fault === undefined && state === 'online',
    details: { broker: state, storage: fault?.code ?? 'ok', messages, samples, events },
  };
}

/** The same store, which tells when its database has become one of a newer version. */
function endedBy(store: IngestStore, onOutdated: IngestPorts['onOutdated']): IngestStore {
  return {
    devices: (names) => store.devices(names),
    commit: (commit) =>
      store.commit(commit).catch((error: unknown) => {
        if (isOutdated(error)) onOutdated(error);
        throw error;
      }),
    close: () => store.close(),
  };
}

/** As a client id may be: of the host what fits. */
function clientOf(host: string, pid: number): string {
  const name = host.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
  return `ingest-${name}-${pid}`;
}
