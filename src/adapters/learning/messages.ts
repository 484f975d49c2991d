import type { MessagePort } from 'node:worker_threads';
import type { ProfileOptions, ProfileProgress } from '../../drift/index.ts';
import type { FrameBatch } from './frame-batch.ts';

/** What the thread is started with. */
export type Task =
  | { readonly kind: 'learn'; readonly options: ProfileOptions; readonly keep?: Keep }
  /** Unpacks one file and ends. `where` names it. */
  | { readonly kind: 'unpack'; readonly bytes: Uint8Array; readonly where: string };

/** Where what was learned so far is kept, for which order, and how often. */
export interface Keep {
  readonly path: string;
  readonly order: string;
  readonly everySeconds: number;
}

export type ToThread = { readonly kind: 'frames'; readonly batch: FrameBatch } | { readonly kind: 'finish' };

export interface HandedOver {
  readonly kind: 'profile';
  /** The pieces of the profile wait here. */
  readonly pieces: MessagePort;
  /** sha256 of its file. */
  readonly digest: string;
  /** Its file, where it is new. */
  readonly bytes?: Uint8Array;
}

/** `lost`: what was kept can't be used. `not-kept`: it could not be written; learning goes on. */
export interface Failed {
  readonly kind: 'failed' | 'lost' | 'not-kept';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type FromThread =
  | { readonly kind: 'progress'; readonly progress: ProfileProgress }
  | HandedOver
  | Failed;
