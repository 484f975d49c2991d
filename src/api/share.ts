import { type Static, Type } from '@sinclair/typebox';
import { closed, described, name } from './scalars.ts';

const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

const place = {
  fromPercent: Type.Optional(percent('Where it begins; absent: 0')),
  toPercent: percent('Where it ends: this one is not in it any more'),
};

export const Share = Type.Object(
  { of: described(name(), 'Two rollouts that say the same here divide the same devices'), ...place },
  {
    ...closed,
    description:
      'A share of what fits, by a hash of the name of the device: the same devices each time. Two versions at once, as A from 0 to 50 and B from 50 to 100',
  },
);
export type Share = Static<typeof Share>;

export const CameraShare = Type.Object(
  {
    ...{ of: described(name(), 'Two slots that say the same here divide the same cameras'), ...place },
    promoted: Type.Optional(
      Type.Literal(true, {
        description:
          'Its version is ordered for main: the slot serves its cameras until main runs that version',
      }),
    ),
  },
  {
    ...closed,
    description:
      'A share of the cameras of a device, by a hash of device and camera: the same ones each time. This slot alone serves them, as soon as its model runs',
  },
);
export type CameraShare = Static<typeof CameraShare>;
