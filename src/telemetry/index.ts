export { type Batch, BatchBuilder, mostSamples, type TimedSample } from './batch.ts';
export {
  bucketOf,
  ExponentialHistogram,
  type HistogramCounts,
  highestIndex,
  lowestIndex,
  upperEdge,
} from './histogram.ts';
export {
  type CatalogueLine,
  type CollectedValue,
  type Counter,
  classicEdges,
  type Gauge,
  type Histogram,
  type InstrumentInfo,
  type InstrumentKind,
  type Labels,
  type Reading,
} from './instruments.ts';
export { Dispatch, type DispatchPolicy, defaultDispatchPolicy } from './outbox/dispatch.ts';
export {
  Outbox,
  type OutboxOptions,
  type OutboxPorts,
  type OutboxStats,
  type Sending,
} from './outbox/outbox.ts';
export { type Admission, OutboxIndex, overheadBytes } from './outbox/outbox-index.ts';
export type {
  EntryInfo,
  EntryKind,
  OpenedStore,
  OutboxStore,
  StoredEntry,
  Thinning,
} from './outbox/store.ts';
export { InstrumentRegistry, mostInstruments } from './registry.ts';
