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
}

/**
 * Port: what this device may run and whom it obeys. `SignedTrustGate` and `OpenTrustGate` fit.
 *
 * A RefusedError or InputError is for good; every other one may be gone with the next try.
 */
export interface TrustGate {
  /** Models are admitted by signed metadata. */
  readonly signed: boolean;
  /** What is wanted of this device, out of what came on its topic. */
  openOrder(payload: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** A call out of what came on its topic; for a device without a root only what is asked. RefusedError `trust-order`. */
  openCall(payload: Uint8Array): OpenedCall | Promise<OpenedCall>;
  /** Before anything of a model that is ordered is fetched. */
  admit(model: DesiredModel, signal: AbortSignal): Promise<void>;
  /** Before any engine reads a byte of it, at the start too; asks nobody. */
  expectAdmitted(bundle: BundleName): Promise<void>;
  /** It has survived its probation: what is older needs a signed rollback from here on. */
  committed(model: DesiredModel): Promise<void>;
  report(): TrustReport;
}
