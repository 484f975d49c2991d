import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';

export const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
    broker: Type.String({ description: 'State of the connection to the broker' }),
    storage: Type.String({ description: '`ok`, or the code of what is wrong with the database' }),
  },
  { description: 'Status 503 while the controller cannot write to the database' },
);
export type Health = Static<typeof Health>;

/** For operators of the controller. These are at the root and not below `apiPrefix`. */
export const operationRoutes = {
  'GET /healthz': {
    tag: 'operation',
    summary: 'Is the controller well',
    reply: Health,
    otherStatuses: [503],
  },
  'GET /metrics': {
    load: 'heavy',
    role: 'viewer',
    reach: 'fleet',
    tag: 'operation',
    summary: 'Metrics of controller and devices for Prometheus',
    raw: 'text/plain in the Prometheus format',
  },
} as const satisfies RouteTable;
