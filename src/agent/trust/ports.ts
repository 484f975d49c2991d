import type { DesiredModel, TrustReport } from '../../protocol/index.ts';
import type { SignedCall } from '../../trust/index.ts';

/** A bundle on its way to an engine. */
export interface BundleName {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** What is asked, and what was signed around it. */
export interface OpenedCall {
  readonly request: Uint8Array;
  /** Absent where this device has no root, and anybody whom the broker lets may call. */
  readonly signed?: SignedCall;
  /** The keys that had to sign it; absent where nobody signs. See `TrustGate.authority`. */
  readonly authority?: string;
}

/** An order out of its envelope. */
export interface OpenedOrder {
  readonly payload: Uint8Array;
  /** As that of a call. */
  readonly authority?: string;
}

/**
 * Port: what this device may run and whom it obeys. `SignedTrustGate` and `OpenTrustGate` fit.
 *
 * A RefusedError or InputError is for good; every other one may be gone with the next try.
 */
export interface TrustGate {
  /** Models are admitted by signed metadata. */
  readonly signed: boolean;
  /**
   * Names the keys whose orders count now: generations are theirs, and begin anew when the root names others. Undefined where
   * nobody signs.
   */
  readonly authority: string | undefined;
  /** What is wanted of this device, out of what came on its topic. */
  openOrder(payload: Uint8Array): OpenedOrder | Promise<OpenedOrder>;
  /** A call out of what came on its topic; for a device without a root only what is asked. RefusedError `trust-order`. */
  openCall(payload: Uint8Array): OpenedCall | Promise<OpenedCall>;
  /** Before anything of a model that is ordered is fetched. */
  admit(model: DesiredModel, signal: AbortSignal): Promise<void>;
  /** Before any engine reads a byte of it, at the start too; asks nobody. */
  expectAdmitted(bundle: BundleName): Promise<void>;
  /** Brings what is signed up to date. Rejects where it can't be had or believed. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Why a model that runs must not, by what is known here; asks nobody. */
  standing(bundle: BundleName): Promise<'withdrawn' | 'unsigned' | undefined>;
  /** What was fetched last has expired: what owners withdrew since is not known. */
  readonly stale: boolean;
  /** It has survived its probation: what is older needs a signed rollback from here on. */
  committed(model: DesiredModel): Promise<void>;
  report(): TrustReport;
}
