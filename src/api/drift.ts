import { type Static, Type } from '@sinclair/typebox';
import {
  DriftGrade,
  DriftSignal,
  DriftStatus,
  DriftVerdict,
  driftCalls,
  FrameReason,
  MonitoringState,
  Severity,
  VerdictKind,
} from '../protocol/index.ts';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const TimeMs = Type.Number({ description: 'Milliseconds since 1970, UTC' });
const Count = Type.Integer({ minimum: 0 });

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
  /** Camera as `device/camera`, device, group or digest of the model; empty for everyone. */
  name: Type.String(),
  /** Cameras that belong to it, and those of them that raised an alarm of this kind at about the same time. */
  cameras: Count,
  alarmed: Count,
  /** Chance that the others did so by coincidence. */
  pValue: Type.Number(),
  /** Other names of the very same cameras: nothing can tell them apart. */
  sameAs: Type.Array(Type.Object({ scope: CohortScopeName, name: Type.String() })),
});
export type DriftCohort = Static<typeof DriftCohort>;

/** `cleared`: the device said so. `unheard`: it no longer has it, and never said when it ended. */
export const DriftEnd = Type.Union([
  Type.Literal('cleared'),
  Type.Literal('replaced'),
  Type.Literal('unheard'),
]);
export type DriftEnd = Static<typeof DriftEnd>;

export const DriftIncident = Type.Object({
  id: Type.String(),
  device: Type.String(),
  camera: Type.String(),
  verdict: DriftVerdict,
  /** A notice says that something changed; an alarm, that harm is expected or nobody can tell. Never falls. */
  grade: DriftGrade,
  /** Share of the model's usual accuracy that is expected to be gone; absent where it can't be told. */
  expectedLoss: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  /** The verdict for people: `sensor fault: frozen`. */
  message: Type.String(),
  severity: Severity,
  startedMs: TimeMs,
  changedMs: TimeMs,
  /** Absent while it lasts. */
  endedMs: Type.Optional(TimeMs),
  endReason: Type.Optional(DriftEnd),
  /** Surest first; empty where a rule that needs no reference speaks. */
  signals: Type.Array(DriftSignal),
  modelDigest: Type.Optional(Type.String()),
  profileDigest: Type.Optional(Type.String()),
  /** A hard frame that shows it: GET /devices/:id/frames/:frame. */
  frame: Type.Optional(Type.String()),
  /** Chance that a healthy camera shows such evidence within a day; absent for a rule, which is no statistic. */
  pValue: Type.Optional(Type.Number()),
  /** It stands when the false ones over the whole fleet are held down. Once true it stays so. */
  believed: Type.Boolean(),
  cohort: DriftCohort,
});
export type DriftIncident = Static<typeof DriftIncident>;

export const DriftView = Type.Object({
  width: Type.Integer(),
  height: Type.Integer(),
  grey: Type.String({ description: 'Luma of width x height cells, row by row, base64' }),
});
export type DriftView = Static<typeof DriftView>;

/** One incident with what the camera showed at that time. */
export const DriftIncidentDetail = Type.Composite([
  DriftIncident,
  Type.Object({ view: Type.Optional(DriftView) }),
]);
export type DriftIncidentDetail = Static<typeof DriftIncidentDetail>;

export const DriftIncidentQuery = Type.Object({
  device: Type.Optional(Name),
  camera: Type.Optional(Name),
  group: Type.Optional(Name),
  /** Only those that last, or only those that are over. */
  open: Type.Optional(Type.Boolean()),
  /** Started before this time; `next` of the page before. */
  before: Type.Optional(TimeMs),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});
export type DriftIncidentQuery = Static<typeof DriftIncidentQuery>;

/** Newest first. */
export const DriftIncidentList = Type.Object({
  incidents: Type.Array(DriftIncident),
  next: Type.Optional(TimeMs),
});
export type DriftIncidentList = Static<typeof DriftIncidentList>;

/** One camera as the fleet sees it. */
export const CameraDrift = Type.Object({
  device: Type.String(),
  camera: Type.String(),
  online: Type.Boolean(),
  groups: Type.Array(Type.String()),
  /** Absent for a device that does not tell. */
  state: Type.Optional(MonitoringState),
  reason: Type.Optional(Type.String()),
  /** How near the surest signal is to its threshold: 0 = usual, 1 = alarm. */
  score: Type.Optional(Type.Number()),
  learning: Type.Optional(Type.Number({ description: 'Progress of learning, 0..1' })),
  /** The last frame with a known answer came out of the live engine wrong. */
  wrongAnswer: Type.Optional(Type.Boolean()),
  incident: Type.Optional(DriftIncident),
});
export type CameraDrift = Static<typeof CameraDrift>;

export const DriftCameraQuery = Type.Object({
  group: Type.Optional(Name),
  device: Type.Optional(Name),
  /** Only cameras with an open incident that is an alarm. */
  alarmed: Type.Optional(Type.Boolean()),
  /** Only cameras with an open incident of this grade. */
  grade: Type.Optional(DriftGrade),
  verdict: Type.Optional(VerdictKind),
  /** Part of the device's or the camera's name. */
  search: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  after: Type.Optional(Type.String({ maxLength: 200 })),
});
export type DriftCameraQuery = Static<typeof DriftCameraQuery>;

/** Cameras with an alarm first, then those with a notice; those of the greatest severity before others; then by name. */
export const DriftFleet = Type.Object({
  /** Counts over all cameras that fit, not only this page. */
  cameras: Count,
  watching: Count,
  learning: Count,
  sensorOnly: Count,
  off: Count,
  /** Open incidents that are alarms, and those that are notices. */
  alarmed: Count,
  notices: Count,
  /** Alarms that stand when false ones are held down. */
  believed: Count,
  /** Incidents that belong together, the widest first. */
  cohorts: Type.Array(
    Type.Object({
      cohort: DriftCohort,
      messages: Type.Array(Type.String()),
      incidents: Count,
      /** Those of them that are alarms; where there are none, nothing is expected to be lost. */
      alarms: Count,
      sinceMs: TimeMs,
    }),
  ),
  /** Share of false ones among believed alarms that the fleet is held to. */
  falseDiscoveryRate: Type.Number(),
  rows: Type.Array(CameraDrift),
  next: Type.Optional(Type.String()),
});
export type DriftFleet = Static<typeof DriftFleet>;

export const DriftStatusChange = Type.Object({
  camera: Type.String(),
  timeMs: TimeMs,
  state: MonitoringState,
  reason: Type.Optional(Type.String()),
  profileDigest: Type.Optional(Type.String()),
});
export type DriftStatusChange = Static<typeof DriftStatusChange>;

export const DeviceDrift = Type.Object({
  device: Type.String(),
  cameras: Type.Array(
    Type.Object({
      camera: Type.String(),
      status: Type.Optional(DriftStatus),
      open: Type.Optional(DriftIncidentDetail),
    }),
  ),
  /** Newest first, at most fifty each. */
  incidents: Type.Array(DriftIncident),
  history: Type.Array(DriftStatusChange),
});
export type DeviceDrift = Static<typeof DeviceDrift>;

// Hard frames

export const FrameListQuery = Type.Object({
  camera: Type.Optional(Name),
  after: Type.Optional(Type.String({ pattern: '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 20 })),
});
export type FrameListQuery = Static<typeof FrameListQuery>;
/** The device's own answer, oldest first. */
export const FrameList = driftCalls.frames.response;
export type FrameList = Static<typeof FrameList>;

export const FrameExportQuery = Type.Object({
  camera: Type.Optional(Name),
  reason: Type.Optional(FrameReason),
  /** Taken at or after this time. */
  from: Type.Optional(TimeMs),
  max: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
});
export type FrameExportQuery = Static<typeof FrameExportQuery>;
