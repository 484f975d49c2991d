import { GoshawkError, LimitError, RefusedError } from '../../base/index.ts';
import type { OpenedStore } from '../../telemetry/index.ts';
import type { Operation } from './database.ts';

export type Request =
  | { readonly kind: 'open'; readonly nowMs: number }
  | { readonly kind: 'apply'; readonly operation: Operation }
  | { readonly kind: 'read'; readonly entry: number }
  | { readonly kind: 'close' };

export type ToWorker = Request & { readonly id: number };

export type Answer = OpenedStore | Uint8Array | undefined;

/** An error as it crosses threads: structured cloning keeps neither its class nor its code. */
export interface PackedError {
  readonly kind: 'limit' | 'refused' | 'other';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type FromWorker =
  | { readonly id: number; readonly ok: true; readonly answer: Answer }
  | { readonly id: number; readonly ok: false; readonly error: PackedError };

export function packError(error: unknown): PackedError {
  const { code, message, remedy } =
    error instanceof GoshawkError
      ? error
      : new GoshawkError('outbox-failed', String(error), 'Report this as a defect.');
  const kind = error instanceof LimitError ? 'limit' : error instanceof RefusedError ? 'refused' : 'other';
  return { kind, code, message, remedy };
}

export function unpackError({ kind, code, message, remedy }: PackedError): GoshawkError {
  const Kind = { limit: LimitError, refused: RefusedError, other: GoshawkError }[kind];
  return new Kind(code, message, remedy);
}
