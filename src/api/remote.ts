import { type Static, Type } from '@sinclair/typebox';
import { LogLineLevel, remoteCalls } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { described, limit } from './scalars.ts';

export const LogQuery = Type.Object({
  after: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Only later lines: `next` of the answer before' }),
  ),
  sinceMs: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 8.64e15,
      description: 'Only lines since then, by the clock of the device; without it and `after` the last ones',
    }),
  ),
  level: Type.Optional({ ...LogLineLevel, description: 'This and more severe' }),
  limit: Type.Optional(limit(200, 100)),
});
export type LogQuery = Static<typeof LogQuery>;

export const LogPage = described(remoteCalls.logs.response, "The device's own answer, oldest line first");
export type LogPage = Static<typeof LogPage>;

/** Commands on the agent of a device: a fixed list, which the settings of the device may shorten. */
export const remoteRoutes = {
  'POST /devices/:id/restart': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Restart the agent of a device that is online; answered before it ends',
    params: DeviceParams,
  },
  'POST /devices/:id/reboot': {
    load: 'heavy',
    role: 'admin',
    reach: 'device',
    tag: 'devices',
    summary: 'Restart the board of a device that is online, where its own settings allow it',
    params: DeviceParams,
  },
  'GET /devices/:id/logs': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'The last lines of the log of its agent, without secrets; the device itself is asked',
    params: DeviceParams,
    query: LogQuery,
    reply: LogPage,
  },
  'GET /devices/:id/bundle': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary:
      'A support bundle: checks of the machine, settings, log and events without secrets; the device makes it, which takes up to a minute',
    params: DeviceParams,
    raw: 'application/gzip, a tar of JSON files',
  },
} as const satisfies RouteTable;
