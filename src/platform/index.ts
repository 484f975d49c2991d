/*
 * What Node gives every adapter: worker threads, files that are whole or not there, SQLite databases, errors that cross
 * a thread. Knows base and Node.
 *
 * Around: @photostructure/sqlite, the one package that two adapters share: the agent's outbox and the controller's store
 * open their files by the same rules, and an adapter can't import another. No statement and no schema is here.
 */
export { isCertificateRefused } from './connections/certificate.ts';
export { ConnectionGate } from './connections/gate.ts';
export { rejectUnanswered } from './connections/unanswered.ts';
export {
  type AtomicWriteOptions,
  isPartialName,
  makeFolder,
  partialName,
  removePartials,
  renameSynced,
  syncFile,
  syncFolder,
  writeFileAtomic,
  writeSynced,
} from './files/atomic.ts';
export { type DigestedFile, Digester, digestFile, digestOf, digestThrough } from './files/digest.ts';
export { DiskReserve } from './files/disk-reserve.ts';
export { explainFileError, isDiskFull, systemCode } from './files/file-error.ts';
export { readNamedFile } from './files/read-named.ts';
export { expectSigningKey, signFiles } from './files/ssh-signature.ts';
export { tarBlockBytes, tarEnd, tarHeader, tarPadding, tarSum } from './files/tar.ts';
export { kernelNames, kernelText, readKernelNumber, readKernelText } from './kernel-text.ts';
export { listen, notListening } from './listen.ts';
export { type Pace, PacedQueue } from './paced-queue.ts';
export { type PackedError, packError, unpackError } from './packed-error.ts';
export { installRemedy, placeFile, placeOf } from './place.ts';
export { type SharedBuffer, SharedBufferPool } from './shared-buffers.ts';
export { type SqliteFault, sqliteFault } from './sqlite/fault.ts';
export { type Database, type DatabaseOptions, inTransaction, openDatabase } from './sqlite/open.ts';
export type { NoNotices, ThreadContract } from './threads/contract.ts';
export { moduleArguments } from './threads/module-arguments.ts';
export { moduleUrl } from './threads/module-url.ts';
export { type Answers, type Served, serve, type Tell, WithTransfer } from './threads/serve.ts';
export { WorkerHost, type WorkerHostOptions } from './threads/worker-host.ts';
export { StreamTimes, ticksOf, timeOfTicks } from './transport-stream/stream-times.ts';
export { type StreamUnit, TransportStream } from './transport-stream/transport-stream.ts';
