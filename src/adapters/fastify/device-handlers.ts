import type {
  deviceRoutes,
  eventRoutes,
  fleetRoutes,
  groupRoutes,
  metricRoutes,
  slotRoutes,
  targetRoutes,
} from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Devices and what they shall do. */
export function deviceHandlers({
  devices,
  desiredState,
}: Pick<FleetController, 'devices' | 'desiredState'>): Handlers<typeof deviceRoutes> {
  return {
    'GET /devices': ({ query, view }) => devices.list(query, view),
    'GET /devices/:id': ({ params }) => devices.detail(params.id),
    'DELETE /devices/:id': ({ params, caller }) => devices.deleteDevice(caller, params.id),
    'PUT /devices/:id/desired': ({ params, query, body, caller }) =>
      desiredState.setDevice(caller, params.id, body, query.unlisted),
    'POST /devices/:id/retry': ({ params, query, caller }) =>
      desiredState.retryDevice(caller, params.id, query.slot),
    'POST /devices/:id/describe': ({ params }) => devices.describe(params.id),
    'POST /devices/:id/robot': ({ params, body, caller }) => devices.callRobot(caller, params.id, body),
  };
}

export function groupHandlers({
  groups,
  desiredState,
}: Pick<FleetController, 'groups' | 'desiredState'>): Handlers<typeof groupRoutes> {
  return {
    'GET /groups': ({ view }) => groups.list(view),
    'PUT /groups/:group/members': ({ params, body, caller }) =>
      groups.setMembers(caller, params.group, body.members),
    'PUT /groups/:group/desired': ({ params, query, body, caller }) =>
      desiredState.setGroup(caller, params.group, body, query.unlisted),
    'POST /groups/:group/retry': ({ params, query, caller }) =>
      desiredState.retryGroup(caller, params.group, query.slot),
    'DELETE /groups/:group': ({ params, caller }) => groups.deleteGroup(caller, params.group),
  };
}

/** Which model runs in which slot. */
export function slotHandlers({ slots }: Pick<FleetController, 'slots'>): Handlers<typeof slotRoutes> {
  return {
    'PUT /devices/:id/slots/:slot': ({ params, body, caller }) =>
      slots.set(caller, { device: params.id }, params.slot, body),
    'DELETE /devices/:id/slots/:slot': ({ params, caller }) =>
      slots.remove(caller, { device: params.id }, params.slot),
    'PUT /groups/:group/slots/:slot': ({ params, body, caller }) =>
      slots.set(caller, { group: params.group }, params.slot, body),
    'DELETE /groups/:group/slots/:slot': ({ params, caller }) =>
      slots.remove(caller, { group: params.group }, params.slot),
  };
}

/** Which devices a target means. */
export function targetHandlers({ targets }: Pick<FleetController, 'targets'>): Handlers<typeof targetRoutes> {
  return { 'POST /targets': ({ body }) => targets.resolve(body) };
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
    'GET /fleet': ({ view }) => summary.current(view),
    'GET /devices/:id/metrics': ({ params, query }) => metrics.queryDevice(params.id, query),
    'GET /fleet/metrics': ({ query, view }) => metrics.queryFleet(query, view),
    'GET /devices/:id/events': ({ params, query }) => events.listOfDevice(params.id, query),
    'GET /events': ({ query, view }) => events.listOfFleet(query, view),
  };
}
