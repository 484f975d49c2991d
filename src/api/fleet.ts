import { type Static, Type } from '@sinclair/typebox';
import { ErrorBody } from './errors.ts';
import { HealthCounts } from './health-schemas.ts';
import type { RouteTable } from './route.ts';
import { count, described, timeMs } from './scalars.ts';

export const FleetSummary = Type.Object(
  {
    timeMs: timeMs(),
    devices: count(),
    online: count(),
    broker: Type.Union(
      [Type.Literal('online'), Type.Literal('connecting'), Type.Literal('offline'), Type.Literal('refused')],
      { description: 'Connection of the controller to the broker' },
    ),
    messagesReceived: Type.Optional(count()),
    messagesPerSecond: Type.Optional(Type.Number()),
    samplesPerSecond: Type.Optional(Type.Number()),
    sequenceGaps: Type.Optional(count()),
    malformed: Type.Optional(count()),
    fps: Type.Number({ description: 'Sum over the devices that are online' }),
    latencyP50Ms: Type.Optional(
      Type.Number({
        description: 'Merged over the devices that are online, of the last minute, milliseconds',
      }),
    ),
    latencyP99Ms: Type.Optional(
      Type.Number({
        description: 'Merged over the devices that are online, of the last minute, milliseconds',
      }),
    ),
    warnings: count('Events of severity warning or above in the last hour'),
    models: Type.Array(
      Type.Object({ name: Type.String(), version: Type.String(), digest: Type.String(), devices: count() }),
      { description: 'Running models: how many devices that are online have each' },
    ),
    deployments: Type.Record(Type.String(), count(), { description: 'Devices per state of deployment' }),
    health: HealthCounts,
    driftIncidents: Type.Optional(count('Cameras with an open drift incident that is a believed alarm')),
    alertsFiring: Type.Optional(count()),
    databaseBytes: Type.Optional(count()),
    storageFault: Type.Optional(
      described(
        ErrorBody,
        'Set while the controller cannot write: full disk, locked or damaged database. Devices buffer their data meanwhile',
      ),
    ),
    clockFault: Type.Optional(
      described(
        ErrorBody,
        'Set while the clock of the controller is ahead of those of the devices: the controller deletes no data for its age',
      ),
    ),
  },
  {
    description:
      'The fleet at a glance, worked out at most once a second; for a token with a scope its part, without the totals of the controller',
  },
);
export type FleetSummary = Static<typeof FleetSummary>;

export const fleetRoutes = {
  'GET /fleet': {
    role: 'viewer',
    reach: 'part',
    tag: 'devices',
    summary: 'The fleet at a glance',
    reply: FleetSummary,
  },
} as const satisfies RouteTable;
