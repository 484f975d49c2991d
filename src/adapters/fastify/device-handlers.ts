import type { deviceRoutes, eventRoutes, fleetRoutes, groupRoutes, metricRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Devices and what they shall do. */
export function deviceHandlers({
  devices,
  desiredState,
}: Pick<FleetController, 'devices' | 'desiredState'>): Handlers<typeof deviceRoutes> {
  return {
    'GET /devices': ({ query }) => devices.list(query),
    'GET /devices/:id': ({ params }) => devices.detail(params.id),
    'DELETE /devices/:id': ({ params, caller }) => devices.deleteDevice(caller, params.id),
    'PUT /devices/:id/desired': ({ params, query, body, caller }) =>
      desiredState.setDevice(caller, params.id, body, query.unlisted),
    'POST /devices/:id/retry': ({ params, caller }) => desiredState.retryDevice(caller, params.id),
    'POST /devices/:id/describe': ({ params }) => devices.describe(params.id),
  };
}

export function groupHandlers({
  groups,
  desiredState,
}: Pick<FleetController, 'groups' | 'desiredState'>): Handlers<typeof groupRoutes> {
  return {
    'GET /groups': () => groups.list(),
    'PUT /groups/:group/members': ({ params, body, caller }) =>
      groups.setMembers(caller, params.group, body.members),
    'PUT /groups/:group/desired': ({ params, query, body, caller }) =>
      desiredState.setGroup(caller, params.group, body, query.unlisted),
    'POST /groups/:group/retry': ({ params, caller }) => desiredState.retryGroup(caller, params.group),
    'DELETE /groups/:group': ({ params, caller }) => groups.deleteGroup(caller, params.group),
  };
}

/** What devices report over time, and all of them together. */
export function historyHandlers({
  metrics,
  events,
  summary,
}: Pick<FleetController, 'metrics' | 'events' | 'summary'>): Handlers<
  typeof metricRoutes & typeof eventRoutes & typeof fleetRoutes
> {
  return {
    'GET /fleet': () => summary.current(),
    'GET /devices/:id/metrics': ({ params, query }) => metrics.queryDevice(params.id, query),
    'GET /fleet/metrics': ({ query }) => metrics.queryFleet(query),
    'GET /devices/:id/events': ({ params, query }) => events.listOfDevice(params.id, query),
    'GET /events': ({ query }) => events.listOfFleet(query),
  };
}
