import { Type } from '@sinclair/typebox';

const price = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description }));

export const BudgetSettings = Type.Object(
  {
    bytesPerDay: Type.Optional(
      Type.Integer({
        minimum: 100_000,
        maximum: 1e12,
        description:
          'Most that is sent to the fleet, and as results to others, in any 24 hours: metrics come more rarely first, then live pictures (half of it), results (60 %), frames (70 %), metrics (90 %) and events (97 %) are refused in this order. Default: no cap',
      }),
    ),
    currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'EUR', description: 'ISO 4217, of the prices' }),
    perKwh: price('Price of a kWh; the board has to show its power'),
    perGbSent: price('Price of a GB that is sent to the fleet'),
    perGbStoredMonth: price('Price of a GB on the disk for a month'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'What a day of the device may cost, and what it does',
  },
);
