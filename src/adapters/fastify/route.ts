import type { FastifyReply, FastifyRequest } from 'fastify';
import type {
  BodyOf,
  Method,
  ParamsOf,
  QueryOf,
  Reach,
  ReplyOf,
  Role,
  RouteSpec,
  RouteTable,
} from '../../api/index.ts';
import { GoshawkError } from '../../base/index.ts';
import { type Caller, type FleetView, noFleet } from '../../controller/index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
    /** What the caller may see of the fleet. */
    view: FleetView | undefined;
  }
  interface FastifyContextConfig {
    /** Roles that may call it; absent: all callers, without a token. */
    role?: Role;
    reach?: Reach;
  }
}

/** What a handler is given; the server has checked it against the schemas of the route. */
export interface Given<S extends RouteSpec> {
  readonly params: ParamsOf<S>;
  readonly query: QueryOf<S>;
  readonly body: BodyOf<S>;
  readonly caller: Caller;
  readonly view: FleetView;
  readonly request: FastifyRequest;
  readonly response: FastifyReply;
}

/** Gives the reply; a handler of a `raw` route answers by itself. */
type Handler<S extends RouteSpec> = (given: Given<S>) => Result<ReplyOf<S>>;
type Result<R> = [R] extends [undefined] ? void | Promise<void> : R | Promise<R>;

/** A handler for every route of a table: one that is missing or wrong does not compile. */
export type Handlers<T extends RouteTable> = {
  readonly [K in keyof T]: T[K] extends RouteSpec ? Handler<T[K]> : never;
};

/** A route with its handler, as the server registers it. */
export interface Route extends RouteSpec {
  readonly key: string;
  readonly method: Method;
  readonly url: string;
  run(request: FastifyRequest, response: FastifyReply): Promise<unknown>;
}

const nobody: Caller = { tokenId: '-', name: 'nobody', role: 'device' };

export function withHandlers<T extends RouteTable>(table: T, handlers: Handlers<T>): Route[] {
  return Object.entries(table).map(([key, spec]) => {
    const [method, url] = key.split(' ') as [Method, string];
    // The types of each pair were checked where it was written down.
    const handle = handlers[key as keyof T] as unknown as (given: Given<RouteSpec>) => unknown;
    return {
      ...spec,
      ...{ key, method, url },
      run: async (request, response) => {
        const { caller = nobody, view = noFleet } = request;
        let askedForView = false;
        const result = await handle({
          params: request.params as ParamsOf<RouteSpec>,
          query: request.query as QueryOf<RouteSpec>,
          body: request.body as BodyOf<RouteSpec>,
          ...{ caller, request, response },
          get view() {
            askedForView = true;
            return view;
          },
        });
        if (spec.reach === 'part' && !askedForView) throw viewIgnored(key);
        return result;
      },
    };
  });
}

/** For every caller: such a handler must fail before the first token with a scope arrives. */
function viewIgnored(key: string): GoshawkError {
  return new GoshawkError(
    'view-ignored',
    `${key} says that it answers with a part of the fleet, but its handler does not read which part.`,
    'Report this as a defect of Goshawk.',
  );
}
