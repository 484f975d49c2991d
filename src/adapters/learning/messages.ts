import type { ProfileOptions, ProfileProgress, Thumbnail } from '../../drift/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';

/** What the thread is started with. */
export type LearnSettings = ProfileOptions;

/** Of a result only what a profile is made of: names of thousands of labels are not copied with every frame. */
export type LearnedResult = Omit<PerceptionResult, 'identity'> & { readonly digest: string };

export type ToThread =
  | {
      readonly kind: 'frame';
      readonly thumbnail: Thumbnail;
      readonly result: LearnedResult;
      readonly atMs: number;
    }
  | { readonly kind: 'finish' };

export type FromThread =
  | { readonly kind: 'progress'; readonly progress: ProfileProgress }
  | { readonly kind: 'profile'; readonly text: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly remedy: string };
