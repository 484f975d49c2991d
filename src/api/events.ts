import { type Static, Type } from '@sinclair/typebox';
import { Severity } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { count, described, limit, timeMs } from './scalars.ts';

export const FleetEvent = Type.Object({
  seq: count('Order of arrival; `before` of the next page'),
  id: Type.String(),
  device: Type.String(),
  timeMs: timeMs(),
  receivedMs: timeMs(),
  kind: Type.String(),
  severity: Severity,
  message: Type.String(),
  camera: Type.Optional(Type.String()),
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type FleetEvent = Static<typeof FleetEvent>;

export const EventQuery = Type.Object({
  kind: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'A kind or its beginning: `deployment` finds `deployment.committed`',
    }),
  ),
  severity: Type.Optional(described(Severity, 'This severity and above')),
  from: Type.Optional(timeMs('Only events that happened at or after this time')),
  to: Type.Optional(timeMs('Only events that happened before this time')),
  before: Type.Optional(count('Only events before this `seq`: `next` of the page before')),
  limit: Type.Optional(limit()),
});
export type EventQuery = Static<typeof EventQuery>;

export const EventList = Type.Object(
  {
    events: Type.Array(FleetEvent),
    next: Type.Optional(count('Start of the next page; absent on the last')),
  },
  { description: 'Newest first' },
);
export type EventList = Static<typeof EventList>;

export const eventRoutes = {
  'GET /devices/:id/events': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'events',
    summary: 'Events of a device, newest first',
    params: DeviceParams,
    query: EventQuery,
    reply: EventList,
  },
  'GET /events': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'events',
    summary: 'Events of all devices, newest first',
    query: EventQuery,
    reply: EventList,
  },
} as const satisfies RouteTable;
