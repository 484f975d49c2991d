import type { Retention } from './retention.ts';
import type { Commit, CommitResult, LoadSince, Store, StoredFleet } from './store.ts';

/** What one step of retention took away. */
export interface Dropped {
  readonly rows: number;
  readonly bytes: number;
}

/** What a connection to a database can be asked, in the words of `Store` where they are its questions. */
export interface StoreCalls {
  load(since: LoadSince): StoredFleet;
  commit(commit: Commit): CommitResult;
  retainStep(step: { readonly retention: Retention; readonly nowMs: number }): Dropped;
  metrics(request: First<'metrics'>): Result<'metrics'>;
  events(query: First<'events'>): Result<'events'>;
  driftIncidents(query: First<'driftIncidents'>): Result<'driftIncidents'>;
  driftIncident(id: string): Result<'driftIncident'>;
  driftHistory(query: { readonly device: string; readonly limit: number }): Result<'driftHistory'>;
  alerts(query: First<'alerts'>): Result<'alerts'>;
  audit(query: First<'audit'>): Result<'audit'>;
  checkAudit(): Result<'checkAudit'>;
  sizeBytes(): number;
}

type First<Question extends keyof Store> = Parameters<Store[Question]>[0];
type Result<Question extends keyof Store> = Awaited<ReturnType<Store[Question]>>;

type Request<Name extends keyof StoreCalls> = StoreCalls[Name] extends (request: infer Given) => unknown
  ? Given
  : undefined;
type Answer<Name extends keyof StoreCalls> = StoreCalls[Name] extends (...request: never[]) => infer Given
  ? Given
  : never;
type Arguments<Name extends keyof StoreCalls> = StoreCalls[Name] extends () => unknown
  ? []
  : [request: Request<Name>];

/** Where questions are answered, in their order: a thread, or in tests the same thread. */
export interface StoreConnection {
  call<Name extends keyof StoreCalls & string>(
    name: Name,
    ...request: Arguments<Name>
  ): Promise<Answer<Name>>;
  close(): Promise<void>;
}
