/** A value of a row as every database can hold it; true and false are 1 and 0. */
export type TransferValue = string | number | null | Uint8Array;
/** The values of its columns, in the order of `transferColumns`. */
export type TransferRow = readonly TransferValue[];

/**
 * What a fleet's database holds, as it goes from one engine to another: with its numbers, so that history keeps its owners and
 * the chain of the audit its hashes. Blocks go as they are.
 */
export const transferColumns = {
  device: ['id', 'name', 'last_seen', 'birth', 'reported', 'settings', 'desired', 'told_online'],
  series: ['id', 'name', 'labels', 'unit', 'kind', 'used_ms'],
  catalogue: ['device', 'session', 'aliases'],
  received: ['device', 'session', 'ranges', 'repeated'],
  batch_content: ['device', 'session', 'sequence', 'content'],
  document: ['kind', 'parent', 'id', 'at', 'data'],
  event: [
    ...['seq', 'device', 'id', 'time_ms', 'received_ms', 'kind', 'severity', 'message', 'camera', 'data'],
  ],
  audit: ['seq', 'time_ms', 'actor', 'action', 'target', 'result', 'detail', 'hash'],
  drift_incident: ['id', 'device', 'camera', 'started_ms', 'ended_ms', 'seq', 'data'],
  drift_view: ['incident', 'view'],
  drift_status: ['seq', 'device', 'camera', 'time_ms', 'state', 'reason', 'profile'],
  alert: ['id', 'rule', 'device', 'severity', 'fired_ms', 'firing', 'busy', 'data'],
  raw: ['device', 'start_ms', 'end_ms', 'data'],
  minute: ['start_ms', 'device', 'data'],
  hour: ['start_ms', 'device', 'data'],
} as const;
export type TransferTable = keyof typeof transferColumns;
export const transferTables = Object.keys(transferColumns) as TransferTable[];

/** Where the next part begins; JSON of the database that is read. */
export type TransferPosition = string;

export interface TransferPart {
  readonly rows: readonly TransferRow[];
  /** Undefined: there is nothing after it. */
  readonly next?: TransferPosition;
}

/** A database that nobody writes to meanwhile. */
export interface TransferSource {
  /** Numbers that were given out, so that none is given a second time. */
  numbers(): { readonly device: number; readonly event: number };
  part(table: TransferTable, from: TransferPosition | undefined): TransferPart;
  close(): void;
}

export interface TransferTarget {
  /** The position in each table, from which an interrupted transfer continues. `done`: no rows are left. */
  positions(): Promise<ReadonlyMap<TransferTable, TransferPosition | 'done'>>;
  /** Writes a part and where the next begins, together. */
  write(table: TransferTable, part: TransferPart): Promise<void>;
  /** All rows of a table, in any order. */
  rows(table: TransferTable): AsyncIterable<readonly TransferRow[]>;
  /** After the comparison: a controller may start with it. */
  finish(numbers: { readonly device: number; readonly event: number }): Promise<void>;
  close(): Promise<void>;
}
