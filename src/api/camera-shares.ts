import { type Static, Type } from '@sinclair/typebox';
import { SlotName } from '../protocol/index.ts';
import { GateResult } from './rollouts.ts';
import type { RouteTable } from './route.ts';
import { count, name } from './scalars.ts';

export const DividedCamera = Type.Object({
  device: Type.String(),
  camera: Type.String(),
  side: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('waits')], {
    description:
      'A: served by main; B: by the slot; waits: it is to be served by the slot, whose model does not run yet',
  }),
  model: Type.Optional(Type.String({ description: 'Name and version that serve it' })),
});
export type DividedCamera = Static<typeof DividedCamera>;

export const CameraShareReport = Type.Object(
  {
    of: Type.String(),
    slot: Type.String(),
    a: count('Cameras'),
    b: count('Cameras'),
    cameras: Type.Array(DividedCamera, { description: 'The first 1000' }),
    comparison: Type.Optional(GateResult),
  },
  { description: 'Two versions at once on the cameras of devices, and how they compare' },
);
export type CameraShareReport = Static<typeof CameraShareReport>;

export const cameraShareRoutes = {
  'GET /shares/:of': {
    load: 'heavy',
    role: 'viewer',
    tag: 'devices',
    summary: 'Which cameras two versions divide, and what the second one sees more or less, with intervals',
    params: Type.Object({ of: name('What the slots say as `of` of their share') }),
    query: Type.Object({ slot: Type.Optional(SlotName) }),
    reply: CameraShareReport,
  },
} as const satisfies RouteTable;
