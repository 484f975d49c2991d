import type { FleetEvent } from '../../api/index.ts';
import type { CatalogueRow, EventRow, MetricsRow } from './rows.ts';
import type { CommitResult } from './store.ts';

/** Outbox entry of a device. */
export interface Entry {
  readonly device: string;
  readonly entry: number;
}

/** All that an ingest process may write: it adds, and changes nothing. Each part can come again and counts once. */
export interface IngestCommit {
  readonly metrics: readonly MetricsRow[];
  readonly events: readonly EventRow[];
  /** What the leader acknowledges after the commit. */
  readonly entries: readonly Entry[];
}

export interface IngestResult extends CommitResult {
  /** Devices that the fleet does not have; nothing of them was stored. */
  readonly unknown: readonly string[];
}

/** What an ingest process has to know of a device to read its batches. */
export interface KnownDevice {
  readonly device: string;
  readonly catalogues: readonly Pick<CatalogueRow, 'session' | 'aliases'>[];
}

/**
 * Port: the database as an ingest process has it, one of many that write at the same time. Methods reject with a GoshawkError,
 * as those of `Store` do.
 */
export interface IngestStore {
  /** Those of the devices that the fleet has. */
  devices(names: readonly string[]): Promise<readonly KnownDevice[]>;
  commit(commit: IngestCommit): Promise<IngestResult>;
  close(): Promise<void>;
}

/** A new batch that an ingest process stored, as the leader needs it for what is shown now. */
export interface IngestedBatch {
  readonly device: string;
  readonly session: number;
  readonly sequence: number;
  readonly samples: number;
  /** Its newest sample by the clock of the device; absent where it came late. */
  readonly newestMs?: number;
  /** As `encodeSamples` made it; empty where it came late. */
  readonly block: Uint8Array;
}

/** What ingest processes committed since it was taken last. */
export interface Ingested {
  readonly entries: readonly Entry[];
  readonly batches: readonly IngestedBatch[];
  readonly duplicateBatches: number;
  readonly repeatedSessions: CommitResult['repeatedSessions'];
  /** All events with a higher number than `after`, those of the leader included. */
  readonly events: readonly FleetEvent[];
  /** There is more. */
  readonly more: boolean;
}

/** Port: what the leader hears of ingest processes. What is taken is gone; it is only as good as the next repeat. */
export interface IngestedSource {
  takeIngested(after: number): Promise<Ingested>;
}
