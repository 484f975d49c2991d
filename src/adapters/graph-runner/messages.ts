import type { RunTensor } from '../../optimize/index.ts';

export type Request =
  | {
      readonly id: number;
      readonly kind: 'load';
      readonly model: Uint8Array;
      readonly optimization: 'all' | 'disabled';
      readonly threads: number;
    }
  | {
      readonly id: number;
      readonly kind: 'run';
      readonly session: number;
      readonly inputs: Readonly<Record<string, RunTensor>>;
    }
  | { readonly id: number; readonly kind: 'release'; readonly session: number };

export type Reply =
  | { readonly id: number; readonly kind: 'loaded'; readonly session: number }
  | {
      readonly id: number;
      readonly kind: 'ran';
      readonly outputs: Readonly<Record<string, RunTensor>>;
      readonly elapsedMs: number;
    }
  | { readonly id: number; readonly kind: 'released' }
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string };
