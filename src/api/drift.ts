import { type Static, Type } from '@sinclair/typebox';
import {
  DriftGrade,
  DriftSignal,
  DriftStatus,
  DriftVerdict,
  LossRange,
  MonitoringState,
  Severity,
  VerdictKind,
  WatchedPart,
} from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { count, described, limit, name, timeMs } from './scalars.ts';

/** Whose alarm it is: this camera's alone, its device's, its group's, its model's, or everyone's. */
export const CohortScopeName = Type.Union([
  Type.Literal('camera'),
  Type.Literal('device'),
  Type.Literal('group'),
  Type.Literal('model'),
  Type.Literal('everyone'),
]);

export const DriftCohort = Type.Object({
  scope: CohortScopeName,
  name: Type.String({
    description: 'Camera as `device/camera`, device, group or digest of the model; empty for everyone',
  }),
  cameras: count('Cameras that belong to it'),
  alarmed: count('Those of them that are in alarm for the same cause, since about the same time'),
  pValue: Type.Number({ description: 'Chance that the others did so by coincidence' }),
  sameAs: Type.Array(Type.Object({ scope: CohortScopeName, name: Type.String() }), {
    description: 'Other cohorts of exactly the same cameras',
  }),
});
export type DriftCohort = Static<typeof DriftCohort>;

export const DriftEnd = Type.Union(
  [Type.Literal('cleared'), Type.Literal('replaced'), Type.Literal('unheard')],
  {
    description: 'cleared: the device said so; unheard: it no longer has it and never said when it ended',
  },
);
export type DriftEnd = Static<typeof DriftEnd>;

export const DriftIncident = Type.Object({
  id: Type.String(),
  device: Type.String(),
  camera: Type.String(),
  verdict: DriftVerdict,
  grade: described(
    DriftGrade,
    'notice: something changed; alarm: harm is expected or cannot be excluded. Never falls',
  ),
  expectedLoss: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: "Share of the model's usual accuracy that is expected to be gone; absent where unknown",
    }),
  ),
  expectedLossRange: Type.Optional(
    described(
      LossRange,
      'Eight of ten true losses are between these two; absent where the loss was measured',
    ),
  ),
  message: Type.String({ description: 'The verdict for people: `sensor fault: frozen`' }),
  earlier: Type.Optional(
    Type.Array(
      Type.Object({
        timeMs: timeMs('Since when'),
        verdict: DriftVerdict,
        grade: DriftGrade,
        message: Type.String(),
      }),
      {
        maxItems: 8,
        description:
          'Verdicts and grades that it had before this one, oldest first: the first and the latest seven. Absent where it never changed',
      },
    ),
  ),
  severity: Severity,
  startedMs: timeMs(),
  changedMs: timeMs(),
  endedMs: Type.Optional(timeMs('Absent while it lasts')),
  endReason: Type.Optional(DriftEnd),
  signals: Type.Array(DriftSignal, {
    description: 'Surest first; empty for a rule that needs no reference',
  }),
  modelDigest: Type.Optional(Type.String()),
  profileDigest: Type.Optional(Type.String()),
  frame: Type.Optional(
    Type.String({ description: 'A hard frame that shows it: GET /devices/:id/frames/:frame' }),
  ),
  pValue: Type.Optional(
    Type.Number({
      description:
        'Chance that a healthy camera shows such evidence within a day; absent for a rule, which is not a statistic',
    }),
  ),
  believed: Type.Boolean({
    description:
      'Whether it remains when the limit of false alarms over the fleet is applied. Once true it stays true',
  }),
  cohort: DriftCohort,
});
export type DriftIncident = Static<typeof DriftIncident>;

export const DriftView = Type.Object({
  width: Type.Integer(),
  height: Type.Integer(),
  grey: Type.String({ description: 'Luma of width x height cells, row by row, base64' }),
});
export type DriftView = Static<typeof DriftView>;

export const DriftIncidentDetail = Type.Composite(
  [DriftIncident, Type.Object({ view: Type.Optional(DriftView) })],
  { description: 'One incident with what the camera showed at that time' },
);
export type DriftIncidentDetail = Static<typeof DriftIncidentDetail>;

export const DriftIncidentQuery = Type.Object({
  device: Type.Optional(name('Only of this device')),
  camera: Type.Optional(name('Only of this camera')),
  group: Type.Optional(name('Only of devices of this group')),
  open: Type.Optional(Type.Boolean({ description: 'Only those that last, or only those that are over' })),
  before: Type.Optional(timeMs('Started before this time: `next` of the page before')),
  limit: Type.Optional(limit()),
});
export type DriftIncidentQuery = Static<typeof DriftIncidentQuery>;

export const DriftIncidentList = Type.Object(
  {
    incidents: Type.Array(DriftIncident),
    next: Type.Optional(timeMs('Start of the next page; absent on the last')),
  },
  { description: 'Newest first' },
);
export type DriftIncidentList = Static<typeof DriftIncidentList>;

export const CameraDrift = Type.Object(
  {
    device: Type.String(),
    camera: Type.String(),
    online: Type.Boolean(),
    groups: Type.Array(Type.String()),
    state: Type.Optional(described(MonitoringState, 'Absent for a device that does not report drift')),
    watched: Type.Optional(
      Type.Array(WatchedPart, {
        description:
          'Signals that are compared with the usual ones; absent for a device that does not report them',
      }),
    ),
    reason: Type.Optional(Type.String()),
    score: Type.Optional(
      Type.Number({ description: 'How near the surest signal is to its threshold: 0 = usual, 1 = alarm' }),
    ),
    learning: Type.Optional(Type.Number({ description: 'Progress of learning, 0..1' })),
    wrongAnswer: Type.Optional(
      Type.Boolean({ description: 'The last frame with a known answer came out of the live engine wrong' }),
    ),
    hardFrames: Type.Optional(
      Type.Object({ count: count(), bytes: count() }, { description: 'Hard frames on its disk' }),
    ),
    incident: Type.Optional(DriftIncident),
  },
  { description: 'One camera as the fleet sees it' },
);
export type CameraDrift = Static<typeof CameraDrift>;

export const DriftCameraQuery = Type.Object({
  group: Type.Optional(name('Only devices of this group')),
  device: Type.Optional(name('Only this device')),
  alarmed: Type.Optional(
    Type.Boolean({ description: 'Only cameras with an open incident that is an alarm' }),
  ),
  frames: Type.Optional(Type.Boolean({ description: 'Only cameras of which hard frames are kept' })),
  grade: Type.Optional(described(DriftGrade, 'Only cameras with an open incident of this grade')),
  verdict: Type.Optional(described(VerdictKind, 'Only cameras with an open incident of this kind')),
  search: Type.Optional(
    Type.String({ maxLength: 64, description: "Part of the device's or the camera's name" }),
  ),
  limit: Type.Optional(limit()),
  after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
});
export type DriftCameraQuery = Static<typeof DriftCameraQuery>;

export const DriftFleet = Type.Object(
  {
    cameras: count('All cameras that match, not only those of this page; the counts below too'),
    watching: count(),
    learning: count(),
    sensorOnly: count('Without a reference profile of the model that runs'),
    off: count(),
    alarmed: count('Open incidents that are alarms'),
    notices: count('Open incidents that are notices'),
    believed: count('Alarms that remain under the limit of false alarms'),
    cohorts: Type.Array(
      Type.Object({
        cohort: DriftCohort,
        messages: Type.Array(Type.String()),
        incidents: count(),
        alarms: count('Alarms among them; without one, no loss is expected'),
        sinceMs: timeMs(),
      }),
      { description: 'Incidents that belong together, the widest first' },
    ),
    falseDiscoveryRate: Type.Number({
      description: 'Share of false ones among believed alarms that the fleet is held to',
    }),
    rows: Type.Array(CameraDrift),
    next: Type.Optional(Type.String({ description: 'Start of the next page; absent on the last' })),
  },
  {
    description:
      'Cameras with an alarm first, then those with a notice; those of the greatest severity before others; then by name',
  },
);
export type DriftFleet = Static<typeof DriftFleet>;

export const DriftStatusChange = Type.Object({
  camera: Type.String(),
  timeMs: timeMs(),
  state: MonitoringState,
  reason: Type.Optional(Type.String()),
  profileDigest: Type.Optional(Type.String()),
});
export type DriftStatusChange = Static<typeof DriftStatusChange>;

export const DeviceDrift = Type.Object(
  {
    device: Type.String(),
    cameras: Type.Array(
      Type.Object({
        camera: Type.String(),
        status: Type.Optional(DriftStatus),
        open: Type.Optional(DriftIncidentDetail),
      }),
    ),
    incidents: Type.Array(DriftIncident, { description: 'Newest first, at most fifty' }),
    history: Type.Array(DriftStatusChange, { description: 'Newest first, at most fifty' }),
  },
  { description: 'Drift that a device reports now, and past incidents' },
);
export type DeviceDrift = Static<typeof DeviceDrift>;

const IncidentParams = Type.Object({
  incident: Type.String({ minLength: 1, maxLength: 200, description: 'Id of the incident' }),
});

export const driftRoutes = {
  'GET /drift': {
    role: 'viewer',
    reach: 'part',
    tag: 'drift',
    summary: 'Every camera with its state and open incident, those in trouble first, and what they share',
    query: DriftCameraQuery,
    reply: DriftFleet,
  },
  'GET /drift/incidents': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'drift',
    summary: 'Incidents, open and over, newest first',
    query: DriftIncidentQuery,
    reply: DriftIncidentList,
  },
  'GET /drift/incidents/:incident': {
    role: 'viewer',
    reach: 'part',
    tag: 'drift',
    summary: 'One incident with its evidence: signals, and what the camera showed',
    params: IncidentParams,
    reply: DriftIncidentDetail,
  },
  'GET /devices/:id/drift': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'drift',
    summary: "A device's cameras: state, open incident with evidence, past incidents and changes of state",
    params: DeviceParams,
    reply: DeviceDrift,
  },
} as const satisfies RouteTable;
