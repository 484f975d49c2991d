import { Type } from '@sinclair/typebox';

const price = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description }));

export const BudgetSettings = Type.Object(
  {
    bytesPerDay: Type.Optional(
      Type.Integer({
        minimum: 100_000,
        maximum: 1e12,
        description:
          'Upper limit of what the device sends to the fleet, and as results to others, in any 24 hours. Near it, metrics are sent less often, then the device refuses live pictures (from half of it), results (60 %), frames (70 %), metrics (90 %) and events (97 %). Default: no cap',
      }),
    ),
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      default: 'EUR',
      description: 'Currency of the prices (ISO 4217)',
    }),
    perKwh: price('Price of a kWh; needs a board that reports its power'),
    perGbSent: price('Price of a GB that is sent to the fleet'),
    perGbStoredMonth: price('Price of a GB on the disk for a month'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Limit of what the device sends in a day, and prices for its report of costs',
  },
);
