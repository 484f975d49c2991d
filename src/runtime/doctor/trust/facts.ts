import type { RoleStanding } from '../../../trust/index.ts';

/** What a device's settings and disk say of whom it trusts. */
export type TrustFacts =
  /** There is no agent here. */
  | { readonly kind: 'none' }
  /** There is one, and what it trusts can't be read: why, and what to do. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly remedy: string }
  | { readonly kind: 'insecure' }
  /** No root: it runs every model that it is told to. */
  | { readonly kind: 'unsigned'; readonly enrols: boolean }
  | {
      readonly kind: 'signed';
      readonly throwAway: boolean;
      readonly image: readonly RoleStanding[];
      readonly director: readonly RoleStanding[];
      /** It is at least this late; 0: nothing that is signed said when. */
      readonly trustedMs: number;
      readonly admitted: number;
    };
