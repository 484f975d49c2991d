import { type Static, Type } from '@sinclair/typebox';
import { SlotName } from '../protocol/index.ts';
import { ModelChoice } from './devices.ts';
import { GateResult } from './rollouts.ts';
import type { RouteTable } from './route.ts';
import { closed, count, described, name } from './scalars.ts';

/** One order that divides cameras: of a group or a device. */
export const AskedShare = Type.Object({
  group: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  fromPercent: Type.Number(),
  toPercent: Type.Number(),
  model: ModelChoice,
  promoted: Type.Optional(
    Type.Literal(true, { description: 'B is ordered for main; the slot goes where main runs it' }),
  ),
});
export type AskedShare = Static<typeof AskedShare>;

export const DividedCamera = Type.Object({
  device: Type.String(),
  camera: Type.String(),
  side: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('waits')], {
    description:
      'A: served by main; B: by the slot; waits: it is to be served by the slot, whose model does not run yet',
  }),
  why: Type.String({ description: 'Where its name falls, and what follows' }),
  model: Type.Optional(Type.String({ description: 'Name and version that serve it' })),
});
export type DividedCamera = Static<typeof DividedCamera>;

export const CameraShareReport = Type.Object(
  {
    of: Type.String(),
    slot: Type.String(),
    a: count('Cameras'),
    b: count('Cameras'),
    waits: count('Cameras that are to be B'),
    asked: Type.Array(AskedShare, { description: 'What divides them, as it was ordered' }),
    cameras: Type.Array(DividedCamera, { description: 'The first 1000' }),
    comparison: Type.Optional(GateResult),
  },
  { description: 'Two versions at once on the cameras of devices, and how they compare' },
);
export type CameraShareReport = Static<typeof CameraShareReport>;

export const CameraShareInfo = Type.Object({
  of: Type.String(),
  slot: Type.String(),
  a: count('Cameras'),
  b: count('Cameras'),
  waits: count('Cameras that are to be B'),
  asked: Type.Array(AskedShare),
});
export type CameraShareInfo = Static<typeof CameraShareInfo>;

export const CameraShareList = Type.Object(
  { shares: Type.Array(CameraShareInfo) },
  { description: 'By name' },
);
export type CameraShareList = Static<typeof CameraShareList>;

const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

export const CameraShareAction = Type.Object(
  {
    action: Type.Union([Type.Literal('change'), Type.Literal('promote'), Type.Literal('end')], {
      description:
        'change: other cameras are B; promote: main gets the version of B, and the slot goes when main runs it; end: the slot goes, main serves all',
    }),
    slot: Type.Optional(described(SlotName, 'Where several divide the same cameras')),
    fromPercent: Type.Optional(percent('Of change; absent: 0')),
    toPercent: Type.Optional(percent('Of change')),
  },
  { ...closed, description: 'What to do with two versions at once' },
);
export type CameraShareAction = Static<typeof CameraShareAction>;

export const CameraShareAnswer = Type.Object(
  {
    done: Type.Array(Type.String(), {
      description: 'Groups and devices whose settings were changed, in their order',
    }),
    notes: Type.Array(Type.String(), {
      description:
        'What does not follow from it, and who was left as it is because somebody changed it meanwhile',
    }),
  },
  { description: 'Where it was done, and where not' },
);
export type CameraShareAnswer = Static<typeof CameraShareAnswer>;

export const cameraShareRoutes = {
  'GET /shares': {
    load: 'heavy',
    role: 'viewer',
    tag: 'devices',
    summary: 'Versions that divide the cameras of devices, and how many cameras each has',
    reply: CameraShareList,
  },
  'GET /shares/:of': {
    load: 'heavy',
    role: 'viewer',
    tag: 'devices',
    summary: 'Which cameras two versions divide, and what the second one sees more or less, with intervals',
    params: Type.Object({ of: name('What the slots say as `of` of their share') }),
    query: Type.Object({ slot: Type.Optional(SlotName) }),
    reply: CameraShareReport,
  },
  'POST /shares/:of/actions': {
    role: 'operator',
    tag: 'devices',
    summary:
      'Change the share of the second version, promote it, or end the test; in every group and device that has it',
    params: Type.Object({ of: name('What the slots say as `of` of their share') }),
    body: CameraShareAction,
    reply: CameraShareAnswer,
  },
} as const satisfies RouteTable;
