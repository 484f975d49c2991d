import type { Bundle, ReleaseManifest } from '../../model/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';

/** How far the machine is with a release. */
export type UpdateStanding =
  /** It is not under way here: never begun, or given up before anything was installed. */
  | { readonly kind: 'none' }
  /** It is checked and kept, and waits for the word to install it. */
  | { readonly kind: 'prepared' }
  | { readonly kind: 'installing' }
  /** It runs on trial; without a verdict the one before comes back after so long. */
  | { readonly kind: 'trial'; readonly seconds: number }
  | { readonly kind: 'kept' }
  /** It was not taken, and nothing was changed. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The one before is back, or is on its way. */
  | { readonly kind: 'back'; readonly reason: string };

/** Port: what installs releases of the agent on this machine. */
export interface AgentUpdater {
  /** Why nothing can be installed here, with the remedy; undefined where it can. */
  readonly unavailable: string | undefined;
  /** The release that this process is. */
  running(): Promise<DesiredModel>;
  /** Digest of what ran before, which can come back without being fetched. */
  previous(): Promise<string | undefined>;
  standing(digest: string): Promise<UpdateStanding>;
  /** Asks for it to be verified and kept; `standing` says what comes of it. */
  prepare(digest: string): Promise<void>;
  /** What is prepared is installed now; this process ends then. */
  install(digest: string): Promise<void>;
  /** The release on trial works, or not and why. */
  conclude(digest: string, wrong?: string): Promise<void>;
  /** InputError where this release is not for this machine. */
  expectFits(release: Bundle<ReleaseManifest>): void;
}
