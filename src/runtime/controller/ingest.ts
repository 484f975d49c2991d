import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeSecrets } from '../../adapters/crypto/index.ts';
import { type Health, listenForHealth } from '../../adapters/fastify/index.ts';
import { type Clock, GoshawkError, type Log } from '../../base/index.ts';
import { type IngestStore, TelemetryIngest } from '../../controller/index.ts';
import type { Transport } from '../../protocol/index.ts';
import { brokerConnector } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { databaseAddress } from './database.ts';

const againMs = 1_000;

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
    const store = await openIngestStore(settings, { log, signal });
    const transport = connect();
    const running = new TelemetryIngest({ transport, store, secrets: nodeSecrets, clock, log }, { quotas });
    this.#ingest = running;
    if (this.#closed) return;
    // Beside the role control the port is its own.
    if (http.healthPort !== undefined && roles?.includes('control') !== true)
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

/** Processes of one fleet may start in any order. */
async function openIngestStore(
  { database }: ControllerSettings,
  { log, signal }: Pick<IngestPorts, 'log' | 'signal'>,
): Promise<IngestStore> {
  if (database === undefined) throw new Error('Roles without a database are refused before.');
  const address = await databaseAddress(database);
  const { PostgresIngestStore } = await import('../../adapters/postgres/index.ts');
  for (let told = false; ; told = true)
    try {
      return await PostgresIngestStore.open({ address, signal });
    } catch (error) {
      if (!(error instanceof GoshawkError) || error.code !== 'database-empty') throw error;
      if (!told) log.info('Waits for a controller with the role control to make the tables');
      await pause(againMs, undefined, { signal });
    }
}

/** As a client id may be: of the host what fits. */
function clientOf(host: string, pid: number): string {
  const name = host.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
  return `ingest-${name}-${pid}`;
}
