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
export { InstrumentRegistry, mostInstruments } from './registry.ts';
