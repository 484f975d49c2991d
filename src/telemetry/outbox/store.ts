export type EntryKind = 'event' | 'metrics';

/** What is known of an entry without its payload. */
export interface EntryInfo {
  /** Only grows, over restarts too; the receiver acknowledges by it. */
  readonly entry: number;
  readonly kind: EntryKind;
  /** Of the payload. */
  readonly bytes: number;
  readonly session: number;
  /** For metrics: how many batches of this session right before it were given up for lack of room. */
  readonly thinned: number;
}

export interface StoredEntry extends EntryInfo {
  readonly payload: Uint8Array;
}

/** What making room does to older entries. */
export interface Thinning {
  readonly remove: readonly number[];
  readonly thinned: readonly { readonly entry: number; readonly thinned: number }[];
}

export interface OpenedStore {
  /** Above every number that was ever given out. */
  readonly nextEntry: number;
  /** By rising number. */
  readonly entries: readonly EntryInfo[];
  /** What was found broken and where it was put, in words for an operator. */
  readonly damage?: string;
}

/**
 * Port: entries on a disk. Calls take effect in the order in which they were made, those before `close` included; before
 * `open` and after `close` they reject with `outbox-closed`. Promises: test/contract/outbox-store.ts.
 */
export interface OutboxStore {
  open(): Promise<OpenedStore>;
  /**
   * Resolves when the entry survives a power cut and older entries are thinned, all of it in one step. An entry that is
   * there already stays as it is. Rejects with a GoshawkError, `outbox-disk` when the disk is full; nothing is changed then.
   */
  append(entry: StoredEntry, thinning?: Thinning): Promise<void>;
  /** Undefined for an entry that is not there (any more). */
  read(entry: number): Promise<Uint8Array | undefined>;
  remove(entries: readonly number[]): Promise<void>;
  close(): Promise<void>;
}
