import { type Static, Type } from '@sinclair/typebox';
import { SlotName, SlotScope, VersionPolicy } from '../protocol/index.ts';
import { DesiredAnswer, DeviceParams, ModelChoice } from './devices.ts';
import { GroupParams } from './groups.ts';
import type { RouteTable } from './route.ts';
import { closed, described, digest, name, strict, timeMs } from './scalars.ts';

export const SlotOrder = Type.Object(
  {
    name: name('Name of the model'),
    version: Type.Optional(name('Exactly this one; absent: the newest upload, or what the policy means')),
    digest: Type.Optional(digest()),
    policy: Type.Optional(strict(VersionPolicy)),
    ...SlotScope,
    expiresAtMs: Type.Optional(timeMs('A device that has not begun by then does not begin any more')),
  },
  { ...closed, description: 'Model for one slot' },
);
export type SlotOrder = Static<typeof SlotOrder>;

export const SlotAnswer = Type.Object(
  {
    ...DesiredAnswer.properties,
    model: described(ModelChoice, 'Model that the policy chose and that was ordered'),
  },
  { description: 'Result of the order, by device' },
);
export type SlotAnswer = Static<typeof SlotAnswer>;

const DeviceSlotParams = Type.Object({ ...DeviceParams.properties, slot: SlotName });
const GroupSlotParams = Type.Object({ ...GroupParams.properties, slot: SlotName });

export const slotRoutes = {
  'PUT /devices/:id/slots/:slot': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Say which model one slot of a device runs, by digest, version or a policy; other slots stay',
    params: DeviceSlotParams,
    body: SlotOrder,
    reply: SlotAnswer,
  },
  'DELETE /devices/:id/slots/:slot': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Remove a slot from the settings of a device: its model is drained and closed',
    params: DeviceSlotParams,
    reply: DesiredAnswer,
  },
  'PUT /groups/:group/slots/:slot': {
    role: 'operator',
    reach: 'group',
    tag: 'groups',
    summary: 'The same for every device of a group',
    params: GroupSlotParams,
    body: SlotOrder,
    reply: SlotAnswer,
  },
  'DELETE /groups/:group/slots/:slot': {
    role: 'operator',
    reach: 'group',
    tag: 'groups',
    summary: 'Remove a slot from the settings of a group',
    params: GroupSlotParams,
    reply: DesiredAnswer,
  },
} as const satisfies RouteTable;
