import type {
  Alert,
  AlertQuery,
  ApprovalRule,
  AuditCheck,
  AuditEntry,
  AuditQuery,
  DesiredSettings,
  DeviceLabels,
  DriftIncident,
  DriftIncidentQuery,
  DriftStatusChange,
  DriftView,
  EventQuery,
  FleetEvent,
  FrameReviews,
  Freeze,
  Group,
  MetricSeries,
  Tier,
} from '../../api/index.ts';
import type { Desired } from '../../protocol/index.ts';
import type { Retention } from './retention.ts';
import type { DeviceRecord, RolloutRecord } from './rollout-rows.ts';
import type {
  AlertRuleRow,
  AskedApproval,
  AuditDraft,
  CatalogueRow,
  CertificateRow,
  ClaimRow,
  DeviceRow,
  DriftIncidentRow,
  EventRow,
  MetricsRow,
  SeriesRow,
  TokenRow,
} from './rows.ts';

export type Change =
  | { readonly kind: 'device'; readonly device: DeviceRow }
  | { readonly kind: 'device-deleted'; readonly id: string }
  | { readonly kind: 'seen'; readonly id: string; readonly lastSeenMs: number }
  /** Whether it was told last that the device came, or that it went. */
  | { readonly kind: 'presence'; readonly id: string; readonly online: boolean }
  | { readonly kind: 'catalogue'; readonly catalogue: CatalogueRow }
  | { readonly kind: 'settings'; readonly device: string; readonly settings: DesiredSettings }
  | { readonly kind: 'desired'; readonly device: string; readonly desired: Desired }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'group-deleted'; readonly name: string }
  | { readonly kind: 'token'; readonly token: TokenRow }
  | { readonly kind: 'token-used'; readonly id: string; readonly lastUsedMs: number }
  | { readonly kind: 'token-deleted'; readonly id: string }
  | { readonly kind: 'claim'; readonly claim: ClaimRow }
  | { readonly kind: 'claim-deleted'; readonly id: string }
  | { readonly kind: 'certificate'; readonly certificate: CertificateRow }
  | { readonly kind: 'certificate-deleted'; readonly fingerprint: string }
  | { readonly kind: 'drift-incident'; readonly row: DriftIncidentRow }
  | { readonly kind: 'drift-view'; readonly incident: string; readonly view: DriftView }
  | { readonly kind: 'drift-status'; readonly device: string; readonly change: DriftStatusChange }
  | { readonly kind: 'alert-rule'; readonly rule: AlertRuleRow }
  | { readonly kind: 'alert-rule-deleted'; readonly id: string }
  | { readonly kind: 'alert'; readonly alert: Alert }
  /** Of a device; the row goes when no verdict is left. */
  | { readonly kind: 'frame-reviews'; readonly reviews: FrameReviews }
  /** Of a device; the row goes when it has neither labels nor a hold. */
  | { readonly kind: 'labels'; readonly labels: DeviceLabels }
  | { readonly kind: 'rollout'; readonly rollout: RolloutRecord }
  /** Only those that changed. */
  | {
      readonly kind: 'rollout-devices';
      readonly rollout: string;
      readonly devices: readonly DeviceRecord[];
    }
  | { readonly kind: 'rollout-deleted'; readonly id: string; readonly name: string; readonly goneMs: number }
  | { readonly kind: 'rollout-freeze'; readonly freeze: Freeze | undefined }
  | { readonly kind: 'approval-rules'; readonly rules: readonly ApprovalRule[] }
  /** All that wait for a second person, or were approved and not done yet. */
  | { readonly kind: 'approvals'; readonly asked: readonly AskedApproval[] }
  /** Series that no catalogue names any more, with the time when one did last. */
  | { readonly kind: 'series-used'; readonly uses: readonly (readonly [series: number, lastMs: number])[] }
  | { readonly kind: 'series-dropped'; readonly ids: readonly number[] }
  | { readonly kind: 'catalogues-dropped'; readonly device: string };

/** All of it or nothing: one transaction. */
export interface Commit {
  readonly series?: readonly SeriesRow[];
  readonly changes?: readonly Change[];
  readonly metrics?: readonly MetricsRow[];
  readonly events?: readonly EventRow[];
  readonly audit?: readonly AuditDraft[];
}

export interface CommitResult {
  /** Batches that were there already (same device, session, sequence and content) and were not counted again. */
  readonly duplicateBatches: number;
  /**
   * Sessions of which a batch came with a number that is known and with other content: the device used the session's
   * number for two of its lives. Such batches are stored like others.
   */
  readonly repeatedSessions: readonly { readonly device: string; readonly session: number }[];
  /** The events that are new, with their number; repeats are left out. */
  readonly events: readonly FleetEvent[];
}

export interface StoredDevice extends DeviceRow {
  readonly settings: DesiredSettings;
  readonly desired?: Desired;
  /** As the last `presence` has it. */
  readonly toldOnline?: boolean;
  /** Highest sequence of its newest session that is in the database. */
  readonly lastSequence?: { readonly session: number; readonly sequence: number };
}

/** What the controller needs in memory after a start. */
export interface StoredFleet {
  readonly devices: readonly StoredDevice[];
  readonly series: readonly SeriesRow[];
  readonly catalogues: readonly CatalogueRow[];
  readonly groups: readonly Group[];
  readonly tokens: readonly TokenRow[];
  readonly claims: readonly ClaimRow[];
  readonly certificates: readonly CertificateRow[];
  /** Time and device of events of severity warning or above since the given time. */
  readonly recentWarnings: readonly { readonly device: string; readonly timeMs: number }[];
  /** When series that no catalogue names were named last. */
  readonly seriesUse: readonly (readonly [series: number, lastMs: number])[];
  readonly drift: {
    /** Open ones, and those that began since the given time. */
    readonly incidents: readonly DriftIncidentRow[];
    /** Drift events that are in no incident yet: the controller stopped in between. */
    readonly events: readonly FleetEvent[];
    /** Number of the newest event of any kind; 0 for none. */
    readonly newestSeq: number;
  };
  readonly alertRules: readonly AlertRuleRow[];
  /** Those that fire, and those whose end nobody was notified of yet. */
  readonly alerts: readonly Alert[];
  readonly labels: readonly DeviceLabels[];
  readonly frameReviews: readonly FrameReviews[];
  /** Oldest first. */
  readonly rollouts: readonly {
    readonly rollout: RolloutRecord;
    readonly devices: readonly DeviceRecord[];
  }[];
  /** Names of rollouts that are no longer kept, oldest first; the newest `mostGoneRollouts`. */
  readonly goneRollouts: readonly string[];
  readonly rolloutFreeze?: Freeze;
  readonly approvalRules?: readonly ApprovalRule[];
  readonly approvals?: readonly AskedApproval[];
  /** Rows that can't be read: left out of the rest. */
  readonly setAside: readonly SetAside[];
}

export interface SetAside {
  readonly device?: string;
  /** Which part: `birth`, `desired`, `alert`, ... */
  readonly what: string;
  readonly cause: string;
}

export interface MetricRequest {
  /** Undefined: the whole fleet. */
  readonly devices: readonly string[] | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** The counts of histograms too. */
  readonly buckets?: boolean;
}

export interface MetricResult {
  readonly tier: Tier;
  readonly stepMs: number;
  readonly series: readonly MetricSeries[];
}

/** Alerts of these devices, and those about several together that have one of these subjects. */
export interface AlertsAbout {
  readonly devices: readonly string[];
  readonly subjects: readonly string[];
}

/** How far back a start looks. */
export interface LoadSince {
  readonly warningsMs: number;
  readonly incidentsMs: number;
}

/**
 * Port: the controller's database. Every method rejects with a GoshawkError that says what is wrong with the
 * database (`database-full`, `database-locked`, `database-corrupt`, ...) and what to do. Commits take effect in the order in
 * which they were made. Promises: test/contract/store.ts.
 */
export interface Store {
  load(since: LoadSince): Promise<StoredFleet>;
  /** Resolves when it is safe on disk. */
  commit(commit: Commit): Promise<CommitResult>;
  metrics(request: MetricRequest): Promise<MetricResult>;
  /** A page ends early after `maxPageBytes`; `next` says where the rest begins. So do the pages of all that follows. */
  events(
    query: EventQuery & { readonly device?: string; readonly devices?: readonly string[] },
  ): Promise<{ events: readonly FleetEvent[]; next?: number }>;
  /** Newest first. `devices`: only of these. */
  driftIncidents(
    query: DriftIncidentQuery & { readonly devices?: readonly string[] },
  ): Promise<{ readonly incidents: readonly DriftIncident[]; readonly next?: number }>;
  driftIncident(
    id: string,
  ): Promise<{ readonly incident: DriftIncident; readonly view?: DriftView } | undefined>;
  /** Newest first. */
  driftHistory(device: string, limit: number): Promise<readonly DriftStatusChange[]>;
  alerts(
    query: AlertQuery & { readonly about?: AlertsAbout },
  ): Promise<{ readonly alerts: readonly Alert[]; readonly next?: number }>;
  /** Newest first. */
  audit(query: AuditQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly next?: number }>;
  checkAudit(): Promise<AuditCheck>;
  /** Drops what is too old or too much, in small steps; returns what went. */
  retain(retention: Retention, nowMs: number): Promise<{ readonly rows: number; readonly bytes: number }>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}
