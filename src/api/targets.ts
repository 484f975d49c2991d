import { type Static, Type } from '@sinclair/typebox';
import { SlotName } from '../protocol/index.ts';
import { ModelChoice } from './devices.ts';
import type { RouteTable } from './route.ts';
import { closed, described } from './scalars.ts';
import { Selector } from './selector.ts';

export const TargetRequest = Type.Object(
  {
    target: Selector,
    slot: Type.Optional({
      ...SlotName,
      description: 'Also say what the own settings of a device name for it',
    }),
  },
  { ...closed, description: 'Which devices are meant' },
);
export type TargetRequest = Static<typeof TargetRequest>;

export const TargetDevice = Type.Object({
  id: Type.String(),
  online: Type.Boolean(),
  own: Type.Optional(
    described(ModelChoice, 'Model in its settings for the slot: an order for a group does not change it'),
  ),
});
export type TargetDevice = Static<typeof TargetDevice>;

export const TargetAnswer = Type.Object(
  {
    devices: Type.Array(TargetDevice, { description: 'By id' }),
    unknown: Type.Array(Type.String(), {
      description: 'Named, or listed by a group that is named, and never reported: they follow when they do',
    }),
  },
  {
    description:
      'The devices that an order, a setting or a rollout for this target concerns, without any change',
  },
);
export type TargetAnswer = Static<typeof TargetAnswer>;

export const targetRoutes = {
  'POST /targets': {
    role: 'viewer',
    reach: { targets: ['target'] },
    tag: 'devices',
    summary: 'Resolve a target to the devices that it means, by name, before anything is sent',
    body: TargetRequest,
    reply: TargetAnswer,
  },
} as const satisfies RouteTable;
