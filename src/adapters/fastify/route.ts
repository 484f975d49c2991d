import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Caller, Role } from '../../controller/index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** Who may; absent: everybody, without a token. */
    role?: Role;
  }
}

type Empty = TObject<Record<never, never>>;

/** One route: what it takes, what it gives, who may. The table of all of them is what tests and OpenAPI read. */
export interface Route {
  readonly method: HTTPMethods;
  readonly url: string;
  readonly role: Role | undefined;
  readonly tag: string;
  readonly summary: string;
  readonly params: TSchema | undefined;
  readonly query: TSchema | undefined;
  readonly body: TSchema | undefined;
  /** Undefined: no content. */
  readonly reply: TSchema | undefined;
  readonly status: number;
  /** Other statuses that come with the reply and not with an error. */
  readonly otherStatuses: readonly number[];
  /** The handler answers by itself: a stream or a file. The text says what comes. */
  readonly raw: string | undefined;
  /** The body comes as a stream of bytes. */
  readonly bytes: boolean;
  run(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

interface Spec<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema> {
  readonly role?: Role;
  readonly tag: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly reply?: R;
  readonly status?: number;
  readonly otherStatuses?: readonly number[];
  readonly raw?: string;
  readonly bytes?: boolean;
}

/** What a handler is given; checked against the schemas. */
export interface Given<P extends TSchema, Q extends TSchema, B extends TSchema> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  readonly body: Static<B>;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly response: FastifyReply;
}

const nobody: Caller = { tokenId: '-', name: 'nobody', role: 'device' };

export function route<
  P extends TSchema = Empty,
  Q extends TSchema = Empty,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
>(
  method: HTTPMethods,
  url: string,
  spec: Spec<P, Q, B, R>,
  handle: (given: Given<P, Q, B>) => Promise<Static<R>> | Static<R>,
): Route {
  return {
    method,
    url,
    role: spec.role,
    tag: spec.tag,
    summary: spec.summary,
    params: spec.params,
    query: spec.query,
    body: spec.body,
    reply: spec.reply,
    status: spec.status ?? (spec.reply === undefined && spec.raw === undefined ? 204 : 200),
    otherStatuses: spec.otherStatuses ?? [],
    raw: spec.raw,
    bytes: spec.bytes ?? false,
    run: async (request, response) =>
      handle({
        params: request.params as Static<P>,
        query: request.query as Static<Q>,
        body: request.body as Static<B>,
        caller: request.caller ?? nobody,
        request,
        response,
      }),
  };
}

export const DeviceParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
export const GroupParams = Type.Object({
  group: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$' }),
});
export const DigestParams = Type.Object({ digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }) });
export const FileParams = Type.Object({
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  '*': Type.String({ minLength: 1, maxLength: 200, description: 'Path inside the bundle' }),
});
