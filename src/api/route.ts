import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { Reach } from './reach.ts';
import type { Role } from './role.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** One route of the HTTP API: who may use it, what it takes and what it answers. */
export interface RouteSpec {
  /** The least role that may; absent: everybody, without a token. */
  readonly role?: Role;
  /** Absent: refused for a token with a scope. */
  readonly reach?: Reach;
  readonly tag: string;
  /** Of these a token has so many at the same time: they read much, or stay open. */
  readonly load?: 'heavy' | 'stream';
  readonly summary: string;
  /** One string per `:name` of the path, and `*` for the rest of it. */
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Absent: no content, or see `raw`. */
  readonly reply?: TSchema;
  /** 200, or 204 where there is no content, unless it says otherwise. */
  readonly status?: number;
  /** Other statuses that come with the reply and not with an error. */
  readonly otherStatuses?: readonly number[];
  /** The answer is a stream or a file and no JSON. The text says what comes. */
  readonly raw?: string;
  /** The body is a stream of bytes and no JSON. */
  readonly bytes?: true;
}

/** Routes by method and path. A key names one route, so no route can be there twice. */
export type RouteTable = Readonly<Record<`${Method} /${string}`, RouteSpec>>;

type Given<S, F extends string> =
  S extends Readonly<Record<F, infer T extends TSchema>> ? Static<T> : undefined;
export type ParamsOf<S extends RouteSpec> = Given<S, 'params'>;
export type QueryOf<S extends RouteSpec> = Given<S, 'query'>;
export type BodyOf<S extends RouteSpec> = Given<S, 'body'>;
export type ReplyOf<S extends RouteSpec> = Given<S, 'reply'>;
