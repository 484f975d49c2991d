import type { TransferListItem } from 'node:worker_threads';
import type { PackedError } from '../packed-error.ts';

/**
 * What a thread and its host agree on; the thread's module exports it as a type. Everything crosses by structured clone:
 * classes lose their methods, shared memory is shared.
 */
export interface ThreadContract {
  /** What the thread is started with. */
  readonly data: unknown;
  /** What it can be asked: methods with one argument or none. */
  readonly calls: object;
  /** What it says by itself, by name. */
  readonly notices: object;
}

/** The `notices` of a thread that only answers. */
export type NoNotices = Record<never, never>;

export type CallName<T extends ThreadContract> = keyof T['calls'] & string;
export type RequestOf<T extends ThreadContract, Name extends CallName<T>> = T['calls'][Name] extends (
  request: infer Request,
) => unknown
  ? Request
  : undefined;
export type AnswerOf<T extends ThreadContract, Name extends CallName<T>> = T['calls'][Name] extends (
  ...request: never[]
) => infer Answer
  ? Answer
  : never;

/** What follows the name of a call: its argument, if it has one, and what is given away with it. */
export type CallArguments<
  T extends ThreadContract,
  Name extends CallName<T>,
> = T['calls'][Name] extends () => unknown
  ? []
  : [request: RequestOf<T, Name>, transfer?: readonly TransferListItem[]];

/** Calls without an answer: they can be sent without waiting. */
export type OneWay<T extends ThreadContract> = {
  [Name in CallName<T>]: AnswerOf<T, Name> extends void ? Name : never;
}[CallName<T>];

/** `workerData` of every thread. */
export interface ThreadStart {
  /** For the loader of the checkout. */
  readonly module: string;
  readonly data: unknown;
}

export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly request: unknown }
  | { readonly kind: 'send'; readonly name: string; readonly request: unknown }
  | { readonly kind: 'close'; readonly id: number };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: PackedError }
  | { readonly kind: 'notice'; readonly name: string; readonly notice: unknown }
  /** The thread can't go on; it takes no more messages. */
  | { readonly kind: 'failed'; readonly error: PackedError };
