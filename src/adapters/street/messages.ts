import type { StreetConditions, StreetTruth } from '../../simulation/index.ts';

/** What the worker is started with. */
export interface StreetSettings {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly conditions: Partial<StreetConditions>;
}

export type ToWorker =
  | { readonly kind: 'render'; readonly sequence: number; readonly timeS: number; readonly into: Uint8Array }
  | { readonly kind: 'conditions'; readonly change: Partial<StreetConditions> };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'picture'; readonly sequence: number; readonly truth: readonly StreetTruth[] };
