import { type Static, Type } from '@sinclair/typebox';
import { DeviceParams } from './devices.ts';
import { Hold } from './hold.ts';
import type { RouteTable } from './route.ts';
import { closed, described, name } from './scalars.ts';

const LabelKey = '^[a-z][a-z0-9_.-]{0,62}$';

export const Labels = Type.Record(
  Type.String({ pattern: LabelKey }),
  Type.String({ minLength: 1, maxLength: 128 }),
  { ...closed, maxProperties: 32, description: 'Such as `site: west`; keys begin with a small letter' },
);
export type Labels = Static<typeof Labels>;

export const DeviceLabels = Type.Object(
  {
    device: Type.String({ maxLength: 64 }),
    labels: Labels,
    hold: Type.Optional(described(Hold, 'No rollout changes this device while it is there')),
  },
  { description: 'Labels of a device, which choose cohorts' },
);
export type DeviceLabels = Static<typeof DeviceLabels>;

export const DeviceLabelsList = Type.Object(
  { devices: Type.Array(DeviceLabels) },
  { description: 'By id; only devices that have labels or are held' },
);
export type DeviceLabelsList = Static<typeof DeviceLabelsList>;

const HoldOrder = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, description: 'Why; it is shown' }) },
  closed,
);

const SafetyOverride = Type.Object(
  { ...HoldOrder.properties, slot: Type.Optional(name('Absent: main')) },
  closed,
);

export const labelRoutes = {
  'GET /labels': {
    role: 'viewer',
    reach: 'part',
    tag: 'devices',
    summary: 'Labels of all devices',
    reply: DeviceLabelsList,
  },
  'PUT /devices/:id/labels': {
    role: 'operator',
    reach: 'fleet',
    tag: 'devices',
    summary: 'Set the labels of a device; replaces those that it has',
    params: DeviceParams,
    body: Labels,
    reply: DeviceLabels,
  },
  'PUT /devices/:id/hold': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Let no rollout change this device',
    params: DeviceParams,
    body: HoldOrder,
    reply: DeviceLabels,
  },
  'DELETE /devices/:id/hold': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Let rollouts change this device again',
    params: DeviceParams,
    reply: DeviceLabels,
  },
  'POST /devices/:id/override-safety': {
    role: 'admin',
    reach: 'device',
    tag: 'devices',
    summary:
      'Switch although the device says that it is not safe now; for the order that waits, and no other',
    params: DeviceParams,
    body: SafetyOverride,
  },
} as const satisfies RouteTable;
