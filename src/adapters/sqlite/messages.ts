import type { AlertQuery, DriftIncidentQuery, EventQuery } from '../../api/index.ts';
import type { Commit, LoadSince, MetricRequest, Retention } from '../../controller/index.ts';

export interface WorkerSetup {
  readonly file: string;
  readonly role: 'writer' | 'reader';
  /** Tests fill the database up with it. */
  readonly maxPages?: number;
}

export type Request =
  | { readonly op: 'load'; readonly since: LoadSince }
  | { readonly op: 'commit'; readonly commit: Commit }
  | { readonly op: 'retain-step'; readonly retention: Retention; readonly nowMs: number }
  | { readonly op: 'metrics'; readonly request: MetricRequest }
  | { readonly op: 'events'; readonly query: EventQuery & { readonly device?: string } }
  | {
      readonly op: 'drift-incidents';
      readonly query: DriftIncidentQuery & { readonly devices?: readonly string[] };
    }
  | { readonly op: 'drift-incident'; readonly id: string }
  | { readonly op: 'drift-history'; readonly device: string; readonly limit: number }
  | { readonly op: 'alerts'; readonly query: AlertQuery }
  | { readonly op: 'audit'; readonly before: number | undefined; readonly limit: number }
  | { readonly op: 'check-audit' }
  | { readonly op: 'size' }
  | { readonly op: 'close' };

/** Id 0 tells how the start went. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly kind: string;
      readonly code: string;
      readonly message: string;
      readonly remedy: string;
    };
