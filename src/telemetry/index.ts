export { BatchBuilder } from './batch.ts';
export {
  type Counter,
  classicEdges,
  type Gauge,
  type Histogram,
  type Labels,
  type Reading,
} from './instruments.ts';
export type { DispatchPolicy } from './outbox/dispatch.ts';
export { Outbox, type OutboxStats, type Sending } from './outbox/outbox.ts';
export type { EntryInfo, OpenedStore, OutboxStore, StoredEntry, Thinning } from './outbox/store.ts';
export { InstrumentRegistry } from './registry.ts';
