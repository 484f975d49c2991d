/** Bytes of a stream outside of memory. */
export interface SpooledBytes {
  /** Rejects with a GoshawkError where they can't be read, or are others. */
  read(): Promise<Uint8Array>;
  /** They go, when nothing reads them any more. */
  drop(): void;
}

/**
 * Port: keeps bytes outside of memory for as long as this process lives. What it keeps is useless to anyone else, and to the next
 * process. Promises: test/contract/packet-spool.ts.
 */
export interface PacketSpool {
  /** What an earlier process left goes. */
  open(): Promise<void>;
  /** Rejects with a GoshawkError: a full disk. Nothing is left then. */
  write(chunks: readonly Uint8Array[]): Promise<SpooledBytes>;
  /** Everything goes. Never rejects. */
  close(): Promise<void>;
}
