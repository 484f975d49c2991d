import { type Static, Type } from '@sinclair/typebox';
import { SlotName } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { count, name } from './scalars.ts';

const hours = (standard: number) =>
  Type.Optional(
    Type.Integer({ minimum: 1, maximum: 720, description: `Hours until now; ${standard} when absent` }),
  );

export const FleetProfileQuery = Type.Object({
  group: Type.Optional(name('Only devices of this group')),
  hours: hours(24),
  epsilon: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 10,
      description:
        'Noise on every count, so that one object more or less cannot be told; then no camera is named',
    }),
  ),
});
export type FleetProfileQuery = Static<typeof FleetProfileQuery>;

export const FleetProfile = Type.Object(
  {
    devices: count('Devices with counts in these hours; in a large fleet the first 500'),
    cameras: count(),
    labels: Type.Record(Type.String(), Type.Number(), { description: 'Detections by class' }),
    scores: Type.Array(Type.Object({ upTo: Type.Number(), count: Type.Number() }), {
      description: 'Detections by score, in buckets',
    }),
    distances: Type.Array(
      Type.Object({
        device: Type.String(),
        camera: Type.String(),
        detections: Type.Number(),
        mix: Type.Number({ description: 'From the mix of the others: 0 the same, 1 another' }),
        scores: Type.Number({ description: 'From the scores of the others, 0..1 (Kolmogorov-Smirnov)' }),
      }),
      { description: 'Cameras against the rest, the farthest first, 100 at most' },
    ),
    noise: Type.Optional(Type.Object({ epsilon: Type.Number(), promise: Type.String() })),
  },
  { description: 'Counts over all cameras of a fleet, without pictures' },
);
export type FleetProfile = Static<typeof FleetProfile>;

export const SummedProfileQuery = Type.Object({
  group: Type.Optional(name('Only devices of this group')),
  hours: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 24,
      description: 'Full hours of the clock until now; 1 when absent',
    }),
  ),
});
export type SummedProfileQuery = Static<typeof SummedProfileQuery>;

export const SummedProfile = Type.Object(
  {
    hours: count('That are summed'),
    devices: count('That took part'),
    rounds: count('That it took: one more for each time that devices were lost'),
    lost: Type.Array(Type.String(), { description: 'Devices that joined and did not answer' }),
    unfit: Type.Array(Type.String(), {
      description: 'Devices that are left out: no valid key, or the key of another device',
    }),
    labels: Type.Record(Type.String(), Type.Number(), { description: 'Detections by class' }),
    scores: Type.Array(Type.Object({ upTo: Type.Number(), count: Type.Number() })),
  },
  { description: 'The sum of what devices counted, without the counts of any of them' },
);
export type SummedProfile = Static<typeof SummedProfile>;

const Share = Type.Object({
  value: Type.Number(),
  interval: Type.Optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
});

export const ShadowAgreement = Type.Object({
  frames: Type.Number(),
  serveBoxes: Type.Number(),
  shadowBoxes: Type.Number(),
  disagreement: Share,
  recall: Share,
  precision: Share,
  classFlips: Share,
  boxes: Share,
});
export type ShadowAgreement = Static<typeof ShadowAgreement>;

export const ShadowAnswer = Type.Object(
  {
    total: Type.Optional(ShadowAgreement),
    soFar: Type.Optional(
      Type.Boolean({
        description: 'All since the shadow began, without intervals: ten minutes are not over yet',
      }),
    ),
    cameras: Type.Array(
      Type.Object({ device: Type.String(), camera: Type.String(), agreement: ShadowAgreement }),
    ),
  },
  { description: 'How far a shadow agrees with what serves, with 95 % intervals; agreement is not accuracy' },
);
export type ShadowAnswer = Static<typeof ShadowAnswer>;

export const profileRoutes = {
  'GET /fleet/profile': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'drift',
    summary: 'Classes and scores over all cameras, and which cameras are unlike the others',
    query: FleetProfileQuery,
    reply: FleetProfile,
  },
  'GET /fleet/profile/summed': {
    load: 'heavy',
    role: 'operator',
    reach: 'part',
    tag: 'drift',
    summary: 'Classes and scores of devices that send no counts, as a sum with masks: the devices are asked',
    query: SummedProfileQuery,
    reply: SummedProfile,
  },
  'GET /devices/:id/slots/:slot/agreement': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'devices',
    summary: 'How far the shadow in a slot agrees with the model that serves',
    params: Type.Object({ ...DeviceParams.properties, slot: SlotName }),
    query: Type.Object({ hours: hours(24) }),
    reply: ShadowAnswer,
  },
} as const satisfies RouteTable;
