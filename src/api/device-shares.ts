import { type Static, Type } from '@sinclair/typebox';
import { SlotName } from '../protocol/index.ts';
import { ModelChoice } from './devices.ts';
import { Labels } from './labels.ts';
import { GateResult, RolloutDeviceState, RolloutState } from './rollouts.ts';
import type { RouteTable } from './route.ts';
import { count, name } from './scalars.ts';

/** One of the rollouts that divide devices among versions. */
export const DeviceSide = Type.Object({
  rollout: Type.String({ description: 'Its id' }),
  name: Type.String(),
  state: RolloutState,
  model: ModelChoice,
  fromPercent: Type.Optional(Type.Number()),
  toPercent: Type.Optional(Type.Number()),
  labels: Type.Optional(Labels),
  devices: count('That are its own'),
  run: count('Of them run it'),
});
export type DeviceSide = Static<typeof DeviceSide>;

const info = {
  by: Type.Union([Type.Literal('share'), Type.Literal('labels')], {
    description: 'share: by a hash of the name of the device; labels: by the value of a label',
  }),
  of: Type.String({ description: 'What the policies say as `of`; of labels their keys' }),
  slot: Type.String(),
  sides: Type.Array(DeviceSide, { description: 'By where they begin, or by age' }),
};

export const DeviceShareInfo = Type.Object(info);
export type DeviceShareInfo = Static<typeof DeviceShareInfo>;

export const DividedDevice = Type.Object({
  device: Type.String(),
  rollout: Type.String({ description: 'Name of the one that it belongs to' }),
  state: RolloutDeviceState,
  model: Type.Optional(Type.String({ description: 'Name and version that it runs' })),
  why: Type.String({ description: 'Where its name falls, or its label' }),
});
export type DividedDevice = Static<typeof DividedDevice>;

export const DeviceShareReport = Type.Object(
  {
    ...info,
    devices: Type.Array(DividedDevice, { description: 'The first 1000' }),
    compared: Type.Optional(
      Type.String({ description: 'Which is compared with which, where two versions run' }),
    ),
    comparison: Type.Optional(GateResult),
  },
  { description: 'Two versions at once on the devices of a fleet, and how they compare' },
);
export type DeviceShareReport = Static<typeof DeviceShareReport>;

export const deviceShareRoutes = {
  'GET /device-shares': {
    load: 'heavy',
    role: 'viewer',
    tag: 'rollouts',
    summary: 'Rollouts that divide devices among versions, by share or by label',
    reply: Type.Object({ shares: Type.Array(DeviceShareInfo) }, { description: 'By name' }),
  },
  'GET /device-shares/:of': {
    load: 'heavy',
    role: 'viewer',
    tag: 'rollouts',
    summary:
      'Which devices run which version and why, and what the second one sees more or less, with intervals',
    params: Type.Object({
      of: name('What the policies say as `of` of their share, or the keys of their labels'),
    }),
    query: Type.Object({ slot: Type.Optional(SlotName) }),
    reply: DeviceShareReport,
  },
} as const satisfies RouteTable;
