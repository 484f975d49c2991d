import { type Static, Type } from '@sinclair/typebox';
import { closed, described, name } from './scalars.ts';

/** Stands in the settings of a device while an experiment runs on it. */
export const CameraShare = Type.Object(
  {
    of: described(name(), 'The experiment'),
    toPercent: Type.Number({ minimum: 0, maximum: 100, description: 'So many percent of the cameras' }),
  },
  {
    ...closed,
    description:
      'The cameras of a device that an experiment gives to this slot alone, by a hash of device and camera: the same ones each time, as soon as its model runs. Only a rollout sets it',
  },
);
export type CameraShare = Static<typeof CameraShare>;
