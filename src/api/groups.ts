import { type Static, Type } from '@sinclair/typebox';
import { DesiredAnswer, DesiredSettings, RetryQuery, UnlistedQuery } from './devices.ts';
import type { RouteTable } from './route.ts';
import { closed } from './scalars.ts';

export const Group = Type.Object({
  name: Type.String(),
  members: Type.Array(Type.String()),
  settings: DesiredSettings,
  declaredBy: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Devices whose own settings say that they are in it; they belong to it as members do',
    }),
  ),
});
export type Group = Static<typeof Group>;

export const GroupList = Type.Object({ groups: Type.Array(Group) }, { description: 'By name' });
export type GroupList = Static<typeof GroupList>;

export const GroupMembers = Type.Object(
  {
    members: Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 10_000,
      uniqueItems: true,
      description: 'Ids of all members; devices that never reported may be among them',
    }),
  },
  closed,
);
export type GroupMembers = Static<typeof GroupMembers>;

export const GroupParams = Type.Object({
  group: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$', description: 'Name of the group' }),
});

export const groupRoutes = {
  'GET /groups': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'groups',
    summary: 'All groups',
    reply: GroupList,
  },
  'PUT /groups/:group/members': {
    role: 'operator',
    reach: 'fleet',
    tag: 'groups',
    summary: 'Say who is in a group; makes the group where it is new. Devices to come may be named',
    params: GroupParams,
    body: GroupMembers,
    reply: DesiredAnswer,
  },
  'PUT /groups/:group/desired': {
    role: 'operator',
    reach: 'group',
    tag: 'groups',
    summary: 'Set model and pipeline settings of a group; settings of a device win over those of its groups',
    params: GroupParams,
    query: UnlistedQuery,
    body: DesiredSettings,
    reply: DesiredAnswer,
  },
  'POST /groups/:group/retry': {
    role: 'operator',
    reach: 'group',
    tag: 'groups',
    summary: 'Order the model of the group once more, also where it had failed',
    params: GroupParams,
    query: RetryQuery,
    reply: DesiredAnswer,
  },
  'DELETE /groups/:group': {
    role: 'operator',
    reach: 'fleet',
    tag: 'groups',
    summary: 'Remove a group; its members lose the settings they had from it',
    params: GroupParams,
    reply: DesiredAnswer,
  },
} as const satisfies RouteTable;
