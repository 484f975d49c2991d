import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { nodeSecrets } from '../../adapters/crypto/index.ts';
import { type Health, listenForHealth } from '../../adapters/fastify/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { TelemetryIngest } from '../../controller/index.ts';
import type { Transport } from '../../protocol/index.ts';
import { brokerConnector } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { databaseAddress, neededDatabase, whenMade } from './database.ts';

export interface IngestPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the waiting for a leader. */
  readonly signal: AbortSignal;
}

/** The role ingest: stores telemetry beside others. */
export class IngestRole {
  /** Telemetry is taken, which a leader must have made the tables for. */
  readonly started: Promise<void>;
  #ingest: TelemetryIngest | undefined;
  #health: Server | undefined;
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
    this.#health?.close();
    await this.#ingest?.close();
  }

  async #start(settings: ControllerSettings, { clock, log, signal }: IngestPorts): Promise<void> {
    const { ingest, broker, quotas, http, roles } = settings;
    const client = ingest.client ?? clientOf(hostname(), process.pid);
    const connect = await brokerConnector(ingest.broker ?? broker, client, { clock, log });
    const address = await databaseAddress(neededDatabase(settings));
    const { PostgresIngestStore } = await import('../../adapters/postgres/index.ts');
    const store = await whenMade(() => PostgresIngestStore.open({ address, signal }), { log, signal });
    const transport = connect();
    const running = new TelemetryIngest({ transport, store, secrets: nodeSecrets, clock, log }, { quotas });
    this.#ingest = running;
    if (this.#closed) return;
    // Beside another role the port is that one's.
    if (http.healthPort !== undefined && roles?.length === 1)
      this.#health = await listenForHealth(http.host, http.healthPort, () => healthOf(running, transport));
    running.start();
    log.info('Stores metrics and events', { client });
  }
}

function healthOf({ fault, counters }: TelemetryIngest, transport: Transport): Health {
  const { state } = transport.status();
  const { messages, samples, events } = counters;
  const body = { ok: fault === undefined && state === 'online', role: 'ingest', broker: state };
  return { status: body.ok ? 200 : 503, body: { ...body, messages, samples, events, fault: fault?.code } };
}

/** As a client id may be: of the host what fits. */
function clientOf(host: string, pid: number): string {
  const name = host.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
  return `ingest-${name}-${pid}`;
}
