import { accessRoutes } from './access.ts';
import { addedCameraRoutes } from './added-cameras.ts';
import { alertRuleRoutes } from './alert-rules.ts';
import { alertRoutes } from './alerts.ts';
import { approvalRoutes } from './approvals.ts';
import { clipRoutes } from './clips.ts';
import { deviceRoutes } from './devices.ts';
import { driftRoutes } from './drift.ts';
import { enrolmentRoutes } from './enrolment.ts';
import { eventRoutes } from './events.ts';
import { fleetRoutes } from './fleet.ts';
import { frameRoutes } from './frames.ts';
import { groupRoutes } from './groups.ts';
import { labelRoutes } from './labels.ts';
import { metricRoutes } from './metrics.ts';
import { modelRoutes } from './models.ts';
import { profileRoutes } from './profile.ts';
import { remoteRoutes } from './remote.ts';
import { rolloutRoutes } from './rollouts.ts';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from './route.ts';
import { siteRoutes } from './sites.ts';
import { slotRoutes } from './slots.ts';
import { streamRoutes } from './streams.ts';
import { targetRoutes } from './targets.ts';
import { trustRoutes } from './trust.ts';

/**
 * Every route below `apiPrefix`. The server adds a handler to each; the dashboard and the command line name a route by its
 * key and get its types, so that a path that does not exist, or a body that does not fit, fails to compile.
 */
export const routes = {
  ...deviceRoutes,
  ...groupRoutes,
  ...slotRoutes,
  ...labelRoutes,
  ...rolloutRoutes,
  ...approvalRoutes,
  ...fleetRoutes,
  ...metricRoutes,
  ...eventRoutes,
  ...driftRoutes,
  ...profileRoutes,
  ...frameRoutes,
  ...clipRoutes,
  ...remoteRoutes,
  ...addedCameraRoutes,
  ...alertRoutes,
  ...alertRuleRoutes,
  ...modelRoutes,
  ...siteRoutes,
  ...accessRoutes,
  ...enrolmentRoutes,
  ...streamRoutes,
  ...trustRoutes,
  ...targetRoutes,
} as const;

type Routes = typeof routes;
export type RouteKey = keyof Routes;
export type RouteParams<K extends RouteKey> = ParamsOf<Routes[K]>;
export type RouteReply<K extends RouteKey> = ReplyOf<Routes[K]>;

/** Keys of the routes that answer with a stream or a file, of those that take a file, and of those with JSON both ways. */
export type RawKey = { [K in RouteKey]: Routes[K] extends { readonly raw: string } ? K : never }[RouteKey];
export type UploadKey = { [K in RouteKey]: Routes[K] extends { readonly bytes: true } ? K : never }[RouteKey];
export type JsonKey = Exclude<RouteKey, RawKey | UploadKey>;

/** What a client sends to a route: `params` and `body` where it takes them, and the fields of the query it cares for. */
export type RouteRequest<K extends RouteKey> = Field<'params', ParamsOf<Routes[K]>> &
  QueryPart<QueryOf<Routes[K]>> &
  Field<'body', BodyOf<Routes[K]>>;

type Field<F extends string, T> = [T] extends [undefined] ? unknown : { readonly [N in F]: T };
type QueryPart<T> = [T] extends [undefined]
  ? unknown
  : object extends T
    ? { readonly query?: Sparse<T> }
    : { readonly query: Sparse<T> };
/** A field that may be absent may be undefined too: clients build queries from options that may be unset. */
type Sparse<T> = { readonly [F in keyof T]: T[F] | (object extends Pick<T, F> ? undefined : never) };

/** The request may be left out where a route takes nothing, or only a query of which nothing must be set. */
export type RequestArguments<K extends RouteKey> =
  object extends RouteRequest<K> ? [request?: RouteRequest<K>] : [request: RouteRequest<K>];
