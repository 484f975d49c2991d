import { type Static, Type } from '@sinclair/typebox';
import {
  Birth,
  DeploymentState,
  Desired,
  LoadedModel,
  MetricKind,
  PipelineSettings,
  Preview,
  Reported,
  Severity,
} from '../protocol/index.ts';
import type { Alert } from './alerts.ts';
import type { DriftIncident } from './drift.ts';

/*
 * Every request and answer of the HTTP API below /api/v1. The dashboard and the CLI use the types, the server the
 * schemas, so that neither can drift from the other. A field that is optional is absent while it is not known.
 */

export * from './access.ts';
export * from './alerts.ts';
export * from './drift.ts';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const TimeMs = Type.Number({ description: 'Milliseconds since 1970, UTC' });
const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'sha256:<64 hex digits>' });
const Count = Type.Integer({ minimum: 0 });
const Labels = Type.Record(Type.String(), Type.String());

/** Body of every answer with a status of 400 or above. */
export const ErrorBody = Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() });
export type ErrorBody = Static<typeof ErrorBody>;

// Devices

export const Deployment = Type.Object({
  state: DeploymentState,
  digest: Type.Optional(Digest),
  reason: Type.Optional(Type.String()),
});
export type Deployment = Static<typeof Deployment>;

export const DeviceSummary = Type.Object({
  id: Type.String(),
  online: Type.Boolean(),
  /** Why it is not online: its will, its own goodbye, or silence. */
  offlineReason: Type.Optional(Type.String()),
  lastSeenMs: Type.Optional(TimeMs),
  groups: Type.Array(Type.String()),
  /** Name of the board, e.g. `NVIDIA Jetson AGX Orin`. */
  board: Type.Optional(Type.String()),
  agentVersion: Type.Optional(Type.String()),
  cameras: Type.Array(Type.String()),
  /** Frames per second, all cameras together. */
  fps: Type.Optional(Type.Number()),
  /** Capture-to-publish latency of the last minute, milliseconds. */
  latencyP50Ms: Type.Optional(Type.Number()),
  latencyP99Ms: Type.Optional(Type.Number()),
  /** The model that serves; the first where several do (`GET /devices/:id` has all). */
  model: Type.Optional(LoadedModel),
  deployment: Type.Optional(Deployment),
  /** Generation that the fleet wants and the one that the device acts on. */
  desiredGeneration: Count,
  reportedGeneration: Type.Optional(Count),
  temperatureC: Type.Optional(Type.Number()),
  powerW: Type.Optional(Type.Number()),
  memoryBytes: Type.Optional(Type.Number()),
  /** Events of severity warning or above in the last hour. */
  warnings: Count,
});
export type DeviceSummary = Static<typeof DeviceSummary>;

/** Newest value of one metric; a histogram as quantiles over about the last minute, in the metric's unit. */
export const LatestMetric = Type.Object({
  name: Type.String(),
  labels: Labels,
  unit: Type.String(),
  kind: MetricKind,
  timeMs: TimeMs,
  value: Type.Optional(Type.Number()),
  histogram: Type.Optional(
    Type.Object({
      count: Count,
      sum: Type.Number(),
      p50: Type.Number(),
      p95: Type.Number(),
      p99: Type.Number(),
    }),
  ),
});
export type LatestMetric = Static<typeof LatestMetric>;

/** What the fleet may ask of a model: must be a bundle the controller holds, unless `?unlisted=true`. */
export const ModelChoice = Type.Object({ name: Name, version: Name, digest: Digest });
export type ModelChoice = Static<typeof ModelChoice>;

/** Wishes for one device or one group. A PUT replaces all of them; absent means no wish of its own. */
export const DesiredSettings = Type.Object(
  {
    model: Type.Optional(ModelChoice),
    /** By camera name; `*` for all. */
    pipelines: Type.Optional(Type.Record(Type.String({ maxLength: 128 }), PipelineSettings)),
  },
  { additionalProperties: false },
);
export type DesiredSettings = Static<typeof DesiredSettings>;

export const DeviceDetail = Type.Object({
  summary: DeviceSummary,
  birth: Type.Optional(Birth),
  reported: Type.Optional(Reported),
  /** What was published to the device: its own settings over those of its groups. */
  desired: Type.Optional(Desired),
  /** The device's own settings, as last PUT. */
  settings: DesiredSettings,
  metrics: Type.Array(LatestMetric),
});
export type DeviceDetail = Static<typeof DeviceDetail>;

export const DeviceListQuery = Type.Object({
  group: Type.Optional(Name),
  online: Type.Optional(Type.Boolean()),
  /** Part of the id. */
  search: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ maxLength: 64 })),
});
export type DeviceListQuery = Static<typeof DeviceListQuery>;

export const DeviceList = Type.Object({
  devices: Type.Array(DeviceSummary),
  /** All that fit the question, not only this page. */
  total: Count,
  next: Type.Optional(Type.String()),
});
export type DeviceList = Static<typeof DeviceList>;

/** Answer to a PUT of settings: the generation each concerned device now has. */
export const DesiredAnswer = Type.Object({
  generations: Type.Record(Type.String(), Count),
});
export type DesiredAnswer = Static<typeof DesiredAnswer>;

/** Answer of `POST /devices/:id/describe`: what the device says of itself, relayed. */
export const DescribeAnswer = Type.Record(Type.String(), Type.Unknown());
export type DescribeAnswer = Static<typeof DescribeAnswer>;

// Fleet

export const FleetSummary = Type.Object({
  timeMs: TimeMs,
  devices: Count,
  online: Count,
  /** Connection of the controller to the broker. */
  broker: Type.Union([
    Type.Literal('online'),
    Type.Literal('connecting'),
    Type.Literal('offline'),
    Type.Literal('refused'),
  ]),
  messagesReceived: Count,
  messagesPerSecond: Type.Number(),
  samplesPerSecond: Type.Number(),
  sequenceGaps: Count,
  malformed: Count,
  /** Sum over the devices that are online. */
  fps: Type.Number(),
  /** Merged over the devices that are online, last minute, milliseconds. */
  latencyP50Ms: Type.Optional(Type.Number()),
  latencyP99Ms: Type.Optional(Type.Number()),
  /** Events of severity warning or above in the last hour. */
  warnings: Count,
  /** Running models: how many devices that are online have each. */
  models: Type.Array(
    Type.Object({ name: Type.String(), version: Type.String(), digest: Type.String(), devices: Count }),
  ),
  /** Devices per deployment state. */
  deployments: Type.Record(Type.String(), Count),
  /** Cameras with an open drift incident that is a believed alarm, and alerts that fire. */
  driftIncidents: Type.Optional(Count),
  alertsFiring: Type.Optional(Count),
  databaseBytes: Type.Optional(Count),
  /** Set while nothing can be written: full disk, locked or damaged database. Devices keep their data meanwhile. */
  storageFault: Type.Optional(ErrorBody),
});
export type FleetSummary = Static<typeof FleetSummary>;

// Metrics

export const MetricQuery = Type.Object({
  name: Name,
  /** Defaults to an hour before `to`. */
  from: Type.Optional(TimeMs),
  /** Defaults to now. */
  to: Type.Optional(TimeMs),
  /** Width of one point, milliseconds; default gives about 240 points. At most 5000 points. */
  step: Type.Optional(Type.Integer({ minimum: 1000, maximum: 31 * 86_400_000 })),
  /** Only series with these labels: `camera=front,model=street`. */
  labels: Type.Optional(Type.String({ maxLength: 1000 })),
});
export type MetricQuery = Static<typeof MetricQuery>;

export const FleetMetricQuery = Type.Composite([MetricQuery, Type.Object({ group: Type.Optional(Name) })]);
export type FleetMetricQuery = Static<typeof FleetMetricQuery>;

/** Which store answered: samples as sent, or roll-ups of a minute or an hour. */
export const Tier = Type.Union([Type.Literal('raw'), Type.Literal('minute'), Type.Literal('hour')]);
export type Tier = Static<typeof Tier>;

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]));

/**
 * Columns of equal length, ready for a chart; only times with data. Gauges have avg, min, max, last; counters have
 * last and rate (per second); histograms have avg, p50, p95, p99.
 */
export const MetricSeries = Type.Object({
  name: Type.String(),
  labels: Labels,
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
});
export type MetricSeries = Static<typeof MetricSeries>;

export const MetricAnswer = Type.Object({
  tier: Tier,
  fromMs: TimeMs,
  toMs: TimeMs,
  stepMs: Type.Number(),
  series: Type.Array(MetricSeries),
});
export type MetricAnswer = Static<typeof MetricAnswer>;

// Events

export const FleetEvent = Type.Object({
  /** Order of arrival; use it as `before` for the next page. */
  seq: Count,
  id: Type.String(),
  device: Type.String(),
  timeMs: TimeMs,
  receivedMs: TimeMs,
  kind: Type.String(),
  severity: Severity,
  message: Type.String(),
  camera: Type.Optional(Type.String()),
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type FleetEvent = Static<typeof FleetEvent>;

export const EventQuery = Type.Object({
  /** A kind or its beginning: `deployment` finds `deployment.committed`. */
  kind: Type.Optional(Type.String({ maxLength: 64 })),
  /** This severity and above. */
  severity: Type.Optional(Severity),
  before: Type.Optional(Count),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});
export type EventQuery = Static<typeof EventQuery>;

/** Newest first. */
export const EventList = Type.Object({ events: Type.Array(FleetEvent), next: Type.Optional(Count) });
export type EventList = Static<typeof EventList>;

// Groups

export const Group = Type.Object({
  name: Type.String(),
  members: Type.Array(Type.String()),
  settings: DesiredSettings,
});
export type Group = Static<typeof Group>;
export const GroupList = Type.Object({ groups: Type.Array(Group) });
export type GroupList = Static<typeof GroupList>;
export const GroupMembers = Type.Object(
  { members: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10_000, uniqueItems: true }) },
  { additionalProperties: false },
);
export type GroupMembers = Static<typeof GroupMembers>;

// Models

export const ModelInfo = Type.Object({
  name: Type.String(),
  version: Type.String(),
  digest: Digest,
  task: Type.String(),
  licence: Type.String(),
  labels: Type.Array(Type.String()),
  variants: Type.Array(
    Type.Object({
      kind: Type.String(),
      sizeBytes: Count,
      map: Type.Optional(Type.Number()),
      ap50: Type.Optional(Type.Number()),
      dataset: Type.Optional(Type.String()),
    }),
  ),
  sizeBytes: Count,
  uploadedMs: TimeMs,
  /** False while files are missing; only a complete model can be set as desired. */
  complete: Type.Boolean(),
  missing: Type.Array(Type.String(), { description: 'Paths of files that were not uploaded yet' }),
  /** Devices that report it as loaded. */
  devices: Count,
});
export type ModelInfo = Static<typeof ModelInfo>;
export const ModelList = Type.Object({ models: Type.Array(ModelInfo) });
export type ModelList = Static<typeof ModelList>;

/** Answer to a PUT below /artifacts/:digest/: what is still to come. */
export const UploadAnswer = Type.Object({ complete: Type.Boolean(), missing: Type.Array(Type.String()) });
export type UploadAnswer = Static<typeof UploadAnswer>;

export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  broker: Type.String(),
  storage: Type.String(),
});
export type Health = Static<typeof Health>;

// Streams (server-sent events: `event: <name>`, `data: <JSON>`)

/** Query of GET /devices/:id/cameras/:camera/preview. */
export const PreviewQuery = Type.Object({
  maxFps: Type.Optional(Type.Number({ minimum: 0.2, maximum: 15, default: 5 })),
  maxWidth: Type.Optional(Type.Integer({ minimum: 64, maximum: 1920, default: 640 })),
});
export type PreviewQuery = Static<typeof PreviewQuery>;

/** `event: frame` of a preview; the same as the protocol's Preview with the picture as base64. */
export const PreviewFrame = Type.Composite([
  Type.Omit(Preview, ['jpeg']),
  Type.Object({ jpeg: Type.String({ description: 'JPEG, base64' }) }),
]);
export type PreviewFrame = Static<typeof PreviewFrame>;

/** GET /stream, by event name. `preview-fault` comes on a preview alone, when the device refused or is away. */
export interface StreamEvents {
  /** A drift incident began, changed or ended. */
  drift: DriftIncident;
  /** An alert fired, was acknowledged or was resolved. */
  alert: Alert;
  device: DeviceSummary;
  'device-deleted': { readonly id: string };
  event: FleetEvent;
  /** Every second or two. */
  fleet: FleetSummary;
  frame: PreviewFrame;
  'preview-fault': ErrorBody;
}
export type StreamEventName = keyof StreamEvents;
