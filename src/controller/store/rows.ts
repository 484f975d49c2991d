import type {
  AlertRule,
  Approval,
  CertificateInfo,
  ClaimInfo,
  DriftIncident,
  FleetEvent,
  Role,
  TokenInfo,
} from '../../api/index.ts';
import type { Birth, BoardFacts, HistogramValue, MetricKind, Reported } from '../../protocol/index.ts';

/* One row each of what the database keeps. */

/** Name, labels, unit and kind under one number that is the same on every device, so that devices can be merged. */
export interface SeriesRow {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: MetricKind;
}

/** One batch of one device: columns of equal length. A histogram has NaN as its value and its counts beside it. */
export interface MetricsRow {
  readonly device: string;
  readonly session: number;
  readonly sequence: number;
  /** Says whether another batch with this number holds the same; absent: the number alone says it. */
  readonly content?: number;
  readonly timesMs: Float64Array;
  readonly series: Uint32Array;
  readonly values: Float64Array;
  readonly histograms: readonly { readonly index: number; readonly value: HistogramValue }[];
  /** Newest sample by the clock of the device; absent where the batch came late or is empty. */
  readonly newestMs?: number;
}

export type EventRow = Omit<FleetEvent, 'seq'>;

export interface DeviceRow {
  readonly id: string;
  readonly lastSeenMs?: number;
  readonly birth?: Birth;
  readonly reported?: Reported;
}

/** Aliases of one session as [alias, series id]: batches of an older session may come late. */
export interface CatalogueRow {
  readonly device: string;
  readonly session: number;
  readonly aliases: readonly (readonly [number, number])[];
}

export interface TokenRow extends TokenInfo {
  /** sha256 of the secret, hex. */
  readonly hash: string;
}

export interface ClaimRow extends ClaimInfo {
  /** sha256 of the secret, hex. */
  readonly hash: string;
}

/** A certificate of a device. */
export interface CertificateRow extends CertificateInfo {
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  /** sha256 of the public key, hex. */
  readonly key: string;
  /** Base64. */
  readonly der: string;
  readonly notBeforeMs: number;
  /** Of the claim that let the device in. */
  readonly groups: readonly string[];
  readonly facts?: BoardFacts;
}

export interface AuditDraft {
  readonly timeMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly result: string;
  readonly detail: string;
}

/** A rule with what only the database and the sender of messages know. */
export interface AlertRuleRow extends AlertRule {
  /** Key of the signature of its messages. Never leaves the controller. */
  readonly notifySecret?: string;
  /** One of the usual rules that somebody deleted: it must not come back. */
  readonly deleted?: true;
}

/** What the database keeps of one incident beside what everybody sees. */
export interface DriftIncidentRow {
  readonly incident: DriftIncident;
  /** The device's own number of it, new with every start of its agent. */
  readonly number: number;
  /** The newest event that is in it: what came after is read again at the start of the controller. */
  readonly seq: number;
  /** When the controller learned of it: the device may have been away when it began. */
  readonly heardMs: number;
  /** Strongest evidence so far: ln of the mean seconds between such excursions. Absent for a rule. */
  readonly logRunLengthS?: number;
}

/** A command that somebody has to approve, or has approved. */
export interface AskedApproval {
  readonly approval: Approval;
  /** Who asked. */
  readonly by: { readonly tokenId: string; readonly name: string; readonly role: Role };
  /** sha256 (base64url) of what it does: sent again it must do the same. */
  readonly effect: string;
}
