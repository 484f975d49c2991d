import { type Clock, type Log, RateLimitedLog, toHex } from '../base/index.ts';
import type { Transport } from '../protocol/index.ts';
import type { Secrets } from './access/token-registry.ts';
import { AuditLog } from './audit/audit-log.ts';
import { CommandExecutor } from './audit/command-executor.ts';
import { Counters } from './counters.ts';
import { RetainedPublisher } from './desired/retained-publisher.ts';
import { EventBus } from './event-bus.ts';
import { BrokerSession } from './fleet/broker-session.ts';
import { ControllerEvents } from './fleet/controller-events.ts';
import { DeviceRegistry } from './fleet/device-registry.ts';
import { LiveUpdates } from './fleet/live-updates.ts';
import type { FleetControllerOptions, FleetControllerPorts } from './fleet-options.ts';
import { Guard } from './guard.ts';
import { SeriesTable } from './history/series.ts';
import { AckBatcher } from './ingest/ack-batcher.ts';
import { defaultIngestLimits, IngestQueue } from './ingest/ingest-queue.ts';
import type { Module } from './module.ts';
import { reportExceededQuotas } from './quotas/quota-reporter.ts';
import { defaultQuotas, type Quotas } from './quotas/quotas.ts';
import { RpcClient } from './rpc/rpc-client.ts';
import type { Change, Store } from './store/store.ts';

/** What every module of the controller is made from: the world, the devices, and the ways to tell, keep and ask. */
export interface Core {
  readonly transport: Transport;
  readonly store: Store;
  readonly secrets: Secrets;
  /** Its timers are guarded. */
  readonly clock: Clock;
  readonly log: Log;
  readonly rateLimitedLog: RateLimitedLog;
  readonly counters: Counters;
  readonly guard: Guard;
  readonly bus: EventBus;
  readonly quotas: Quotas;
  readonly maxDevices: number;
  readonly series: SeriesTable;
  readonly registry: DeviceRegistry;
  readonly session: BrokerSession;
  readonly rpc: RpcClient;
  readonly acks: AckBatcher;
  readonly retained: RetainedPublisher;
  readonly ingest: IngestQueue;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly events: ControllerEvents;
  readonly updates: LiveUpdates;
  readonly audit: AuditLog;
  readonly commands: CommandExecutor;
  /** Unique for ever. */
  readonly newId: () => string;
  readonly newOrder: () => string;
  /** Those of its parts that have a life of their own, in the order in which they need each other. */
  readonly modules: readonly Module[];
}

export function coreOf(ports: FleetControllerPorts, options: FleetControllerOptions): Core {
  const { transport, store, secrets, log } = ports;
  const newId = () => toHex(secrets.randomBytes(8));
  const counters = new Counters();
  const rateLimitedLog = new RateLimitedLog(log, ports.clock);
  const guard = new Guard(rateLimitedLog, counters);
  const clock = guard.clock(ports.clock);
  const bus = new EventBus(guard);
  const base = { transport, store, secrets, clock, log, rateLimitedLog, counters, guard, bus };

  const { maxDevices = 100_000 } = options;
  const quotas = { ...defaultQuotas, ...options.quotas };
  const series = new SeriesTable(quotas.seriesOfFleet);
  const registry = new DeviceRegistry(clock, series);
  const session = new BrokerSession(base);
  const rpc = new RpcClient({ ...base, registry, runId: toHex(secrets.randomBytes(6)) });
  const retained = new RetainedPublisher(transport, log);
  const acks = new AckBatcher({ ...base, rpc });
  const ingest = new IngestQueue({ ...base, series }, { ...defaultIngestLimits, ...options.ingest });
  const events = new ControllerEvents({ ...base, ingest, newId: () => toHex(secrets.randomBytes(12)) });
  reportExceededQuotas({ ...base, events, isKnown: (device) => registry.get(device) !== undefined });
  const updates = new LiveUpdates({ ...base, registry });
  const audit = new AuditLog(base);
  const commands = new CommandExecutor(store, audit);
  return {
    ...base,
    ...{ maxDevices, quotas, series, registry, session, rpc, acks, retained, ingest, events, updates, audit },
    ...{ commands, newId, newOrder: newId },
    change: (key, one) => ingest.change(key, one),
    modules: [
      { close: () => store.close() },
      { close: () => transport.close() },
      ...[registry, rpc, acks, ingest, events, audit, updates],
    ],
  };
}
