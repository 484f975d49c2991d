import { type Static, Type } from '@sinclair/typebox';

/** What the fleet may know of what this device counts. */
export const StatisticsSettings = Type.Object(
  {
    counts: Type.Union([Type.Literal('sent'), Type.Literal('summed')], {
      default: 'sent',
      description:
        'Detections by class and by score: `sent` as metrics of this device, which gates and the profile of the fleet need; or `summed`: they leave this device in sums with other devices alone, hard frames and live pictures go without boxes, and no gate on classes or scores works here (docs/fleet-counts.md says what a fleet can still tell)',
    }),
    leastDevices: Type.Integer({
      default: 5,
      minimum: 3,
      maximum: 256,
      description: 'For `summed`: fewest devices of a sum, this one included, that it takes part in',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type StatisticsSettings = Static<typeof StatisticsSettings>;
