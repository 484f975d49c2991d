import { type Static, Type } from '@sinclair/typebox';
import { MetricKind } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { name, timeMs } from './scalars.ts';

export const MetricQuery = Type.Object({
  name: name('Name of the metric; `GET /devices/:id` lists those of a device'),
  from: Type.Optional(timeMs('An hour before `to` when absent')),
  to: Type.Optional(timeMs('Now when absent')),
  step: Type.Optional(
    Type.Integer({
      minimum: 1000,
      maximum: 31 * 86_400_000,
      description: 'Width of one point, milliseconds; about 240 points when absent, 5000 at most',
    }),
  ),
  labels: Type.Optional(
    Type.String({
      maxLength: 1000,
      description: 'Only series with these labels: `camera=front,model=street`',
    }),
  ),
});
export type MetricQuery = Static<typeof MetricQuery>;

export const FleetMetricQuery = Type.Composite([
  MetricQuery,
  Type.Object({ group: Type.Optional(name('Only devices of this group')) }),
]);
export type FleetMetricQuery = Static<typeof FleetMetricQuery>;

export const Tier = Type.Union([Type.Literal('raw'), Type.Literal('minute'), Type.Literal('hour')], {
  description: 'Which store answered: samples as sent, or roll-ups of a minute or an hour',
});
export type Tier = Static<typeof Tier>;

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]));

export const MetricSeries = Type.Object(
  {
    name: Type.String(),
    labels: Type.Record(Type.String(), Type.String()),
    unit: Type.String(),
    kind: MetricKind,
    timeMs: Type.Array(Type.Number(), { description: 'Start of each step' }),
    count: Type.Array(Type.Number()),
    avg: Type.Optional(Column),
    min: Type.Optional(Column),
    max: Type.Optional(Column),
    last: Type.Optional(Column),
    rate: Type.Optional(Column),
    p50: Type.Optional(Column),
    p95: Type.Optional(Column),
    p99: Type.Optional(Column),
    buckets: Type.Optional(
      Type.Array(Type.Union([Type.Array(Type.Tuple([Type.Integer(), Type.Number()])), Type.Null()]), {
        description: 'Buckets of histograms, only within the controller: [bucket, count]',
      }),
    ),
  },
  {
    description:
      'Columns of equal length, only times with data. Gauges have avg, min, max, last; counters have last and rate (per second); histograms have avg, p50, p95, p99',
  },
);
export type MetricSeries = Static<typeof MetricSeries>;

export const MetricAnswer = Type.Object(
  {
    tier: Tier,
    fromMs: timeMs(),
    toMs: timeMs(),
    stepMs: Type.Number(),
    series: Type.Array(MetricSeries),
  },
  { description: 'One series per set of labels' },
);
export type MetricAnswer = Static<typeof MetricAnswer>;

export const metricRoutes = {
  'GET /devices/:id/metrics': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'metrics',
    summary: 'One metric of a device over time',
    params: DeviceParams,
    query: MetricQuery,
    reply: MetricAnswer,
  },
  'GET /fleet/metrics': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'metrics',
    summary: 'One metric merged over all devices or a group; quantiles come from the sum of all buckets',
    query: FleetMetricQuery,
    reply: MetricAnswer,
  },
} as const satisfies RouteTable;
