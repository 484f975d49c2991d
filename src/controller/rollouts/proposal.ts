/** An order that a device should get now. */
export type Proposal =
  | { readonly kind: 'deploy'; readonly device: string; readonly held: boolean }
  /** The same order, which may, or may not yet, be switched to. */
  | { readonly kind: 'hold'; readonly device: string; readonly held: boolean }
  | { readonly kind: 'revert'; readonly device: string }
  /** The same order for another part of the cameras. */
  | { readonly kind: 'share'; readonly device: string }
  /** The slot of an experiment goes. */
  | { readonly kind: 'release'; readonly device: string };
