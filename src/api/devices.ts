import { type Static, Type } from '@sinclair/typebox';
import {
  Birth,
  DeploymentState,
  Desired,
  LoadedModel,
  MetricKind,
  maxSlots,
  PipelineSettings,
  Reported,
  SlotName,
  SlotScope,
  VersionPolicy,
} from '../protocol/index.ts';
import { HealthState, ProblemKind } from './health-schemas.ts';
import { Hold } from './hold.ts';
import type { RouteTable } from './route.ts';
import { closed, count, described, digest, limit, name, strict, timeMs } from './scalars.ts';
import { CameraShare } from './share.ts';

export const DeviceParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the device' }),
});

export const Deployment = Type.Object({
  state: DeploymentState,
  digest: Type.Optional(digest()),
  reason: Type.Optional(Type.String()),
});
export type Deployment = Static<typeof Deployment>;

export const DeviceProblem = Type.Object({
  kind: ProblemKind,
  camera: Type.Optional(Type.String()),
  what: Type.String({ description: 'In words, such as `frozen` or `6.1 of 10 frames/s`' }),
  sinceMs: Type.Optional(timeMs('Time that the device gives, if it gives one')),
});
export type DeviceProblem = Static<typeof DeviceProblem>;

export const DeviceHealth = Type.Object({
  state: HealthState,
  reasons: Type.Array(Type.String(), { description: 'Such as `front: frozen` or `deployment failed: ...`' }),
  problems: Type.Array(DeviceProblem, {
    description: 'The same problems by kind, for alert rules about health',
  }),
});
export type DeviceHealth = Static<typeof DeviceHealth>;

export const DeviceSummary = Type.Object({
  id: Type.String(),
  online: Type.Boolean(),
  health: DeviceHealth,
  alerts: Type.Optional(count('Alerts that fire and concern it, alone or with others')),
  offlineReason: Type.Optional(
    Type.String({ description: 'Why it is not online: its will, its own goodbye, or silence' }),
  ),
  lastSeenMs: Type.Optional(timeMs()),
  sessionSinceMs: Type.Optional(timeMs('Since when its agent runs')),
  reportsEverySeconds: Type.Optional(
    Type.Number({
      description: 'It says something at least so often; after three times that, and 90 s, it is silent',
    }),
  ),
  groups: Type.Array(Type.String()),
  board: Type.Optional(Type.String({ description: 'Name of the board, e.g. `NVIDIA Jetson AGX Orin`' })),
  agentVersion: Type.Optional(Type.String()),
  cameras: Type.Array(Type.String()),
  fps: Type.Optional(Type.Number({ description: 'Frames per second, all cameras together' })),
  latencyP50Ms: Type.Optional(
    Type.Number({ description: 'Capture-to-publish latency of the last minute, milliseconds' }),
  ),
  latencyP99Ms: Type.Optional(
    Type.Number({ description: 'Capture-to-publish latency of the last minute, milliseconds' }),
  ),
  slots: Type.Record(SlotName, Type.Object({ loaded: Type.Optional(LoadedModel), deployment: Deployment }), {
    description: 'Model and deployment of each slot; empty before the first report',
  }),
  desiredGeneration: count('Generation that the fleet wants'),
  reportedGeneration: Type.Optional(count('Generation that the device acts on')),
  temperatureC: Type.Optional(Type.Number()),
  powerW: Type.Optional(Type.Number()),
  memoryBytes: Type.Optional(Type.Number()),
  warnings: count('Events of severity warning or above in the last hour'),
});
export type DeviceSummary = Static<typeof DeviceSummary>;

export const LatestMetric = Type.Object(
  {
    name: Type.String(),
    labels: Type.Record(Type.String(), Type.String()),
    unit: Type.String(),
    kind: MetricKind,
    timeMs: timeMs(),
    value: Type.Optional(Type.Number()),
    histogram: Type.Optional(
      Type.Object(
        { count: count(), sum: Type.Number(), p50: Type.Number(), p95: Type.Number(), p99: Type.Number() },
        { description: 'Quantiles over about the last minute, in the unit of the metric' },
      ),
    ),
  },
  { description: 'Newest value of one metric' },
);
export type LatestMetric = Static<typeof LatestMetric>;

const orderId = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });

export const ModelChoice = Type.Object(
  {
    name: name(),
    version: name(),
    digest: digest(),
    order: Type.Optional(
      orderId('The controller gives a new one, unless this is the one that it gave for the same model'),
    ),
    expiresAtMs: Type.Optional(timeMs('A device that has not begun by then does not begin any more')),
    policy: Type.Optional(strict(VersionPolicy)),
    ordered: Type.Optional(
      Type.Object(
        { by: Type.String({ maxLength: 300 }), timeMs: timeMs() },
        {
          ...closed,
          description: 'Person and time of the order. The controller fills it in and ignores yours',
        },
      ),
    ),
    hold: Type.Optional(
      Type.Boolean({ description: 'Fetch, prepare and check it, and do not switch to it yet' }),
    ),
    overrideSafety: Type.Optional(
      Type.Boolean({ description: 'Switch although the device says that it is not safe now' }),
    ),
  },
  closed,
);
export type ModelChoice = Static<typeof ModelChoice>;

export const SlotChoice = Type.Object(
  { model: ModelChoice, ...SlotScope, share: Type.Optional(CameraShare) },
  closed,
);
export type SlotChoice = Static<typeof SlotChoice>;

const Retry = Type.Object(
  { of: orderId('The order that is tried again'), order: orderId('The new one') },
  closed,
);

export const DesiredSettings = Type.Object(
  {
    slots: Type.Optional(
      Type.Record(SlotName, SlotChoice, {
        ...closed,
        maxProperties: maxSlots,
        description: 'By slot; models are bundles that the controller holds, unless `?unlisted=true`',
      }),
    ),
    retries: Type.Optional(
      Type.Record(SlotName, Retry, {
        ...closed,
        maxProperties: maxSlots,
        description: 'By slot: set by a retry of one device whose model comes from a group',
      }),
    ),
    pipelines: Type.Optional(
      Type.Record(Type.String({ maxLength: 128 }), strict(PipelineSettings), {
        maxProperties: 256,
        description: 'By name of the camera; `*` for all',
      }),
    ),
  },
  {
    ...closed,
    description:
      'Settings of one device or of one group. A PUT replaces all of them; absent ones are not set here',
  },
);
export type DesiredSettings = Static<typeof DesiredSettings>;

export const DesiredAnswer = Type.Object(
  {
    generations: Type.Record(Type.String(), count(), {
      description: 'The generation that each concerned device now has',
    }),
    order: Type.Optional(orderId('Order of the model that these settings name')),
    overridden: Type.Optional(
      Type.Record(Type.String(), described(ModelChoice, 'Model that it runs instead'), {
        description: 'Devices that run another model, because of device settings or those of a later group',
      }),
    ),
  },
  { description: 'Result of the settings, by device' },
);
export type DesiredAnswer = Static<typeof DesiredAnswer>;

export const UnlistedQuery = Type.Object({
  unlisted: Type.Optional(
    Type.Boolean({
      description: 'The model need not be in the controller: devices have it on their own disk',
    }),
  ),
});

export const RetryQuery = Type.Object({
  slot: Type.Optional({ ...SlotName, description: 'Absent: main' }),
});

export const SlotSource = Type.Object(
  {
    group: Type.Optional(Type.String({ description: 'Group that sets it; absent: the device itself' })),
    by: Type.Optional(
      Type.String({ description: 'Name and id of the token, `rollout` and its name, or `system`' }),
    ),
    timeMs: Type.Optional(timeMs()),
  },
  { description: 'Where the model of a slot comes from' },
);
export type SlotSource = Static<typeof SlotSource>;

export const DeviceDetail = Type.Object(
  {
    summary: DeviceSummary,
    birth: Type.Optional(Birth),
    reported: Type.Optional(Reported),
    desired: Type.Optional(
      described(Desired, 'Settings that were published to the device: its own over those of its groups'),
    ),
    settings: described(DesiredSettings, "The device's own settings, as last PUT"),
    hold: Type.Optional(described(Hold, 'No rollout changes this device while it is there')),
    sources: Type.Record(SlotName, SlotSource, {
      description: 'Source of the model of each slot that has an order',
    }),
    metrics: Type.Array(LatestMetric),
  },
  { description: 'Last report of the device, its orders and its newest metrics' },
);
export type DeviceDetail = Static<typeof DeviceDetail>;

export const DeviceListQuery = Type.Object({
  group: Type.Optional(name('Only members of this group')),
  online: Type.Optional(
    Type.Boolean({ description: 'Only those that are online, or only those that are not' }),
  ),
  health: Type.Optional(described(HealthState, 'Only those whose health is this')),
  search: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Words, each a part of the id, board, groups, cameras or models',
    }),
  ),
  limit: Type.Optional(limit()),
  after: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before' })),
});
export type DeviceListQuery = Static<typeof DeviceListQuery>;

export const DeviceList = Type.Object(
  {
    devices: Type.Array(DeviceSummary),
    total: count('All that fit the query, not only this page'),
    next: Type.Optional(Type.String({ description: 'Start of the next page; absent on the last' })),
  },
  { description: 'By id' },
);
export type DeviceList = Static<typeof DeviceList>;

export const DescribeAnswer = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Description that the device sends, unchanged',
});
export type DescribeAnswer = Static<typeof DescribeAnswer>;

export const RobotCall = Type.Object(
  {
    service: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Name in the settings of the device (`ros.bridge.services`)',
    }),
    on: Type.Optional(Type.Boolean({ description: 'For a service that is switched on and off' })),
    request: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        maxProperties: 256,
        description:
          'Fields of its request, as in the .srv file; absent ones take its defaults. Integers from 2^53 on as text, octets as base64 or numbers. The call has at most 4096 characters',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RobotCall = Static<typeof RobotCall>;

export const RobotAnswer = Type.Object(
  {
    success: Type.Optional(
      Type.Boolean({
        description:
          'Success as the service reports it. Absent if its answer has no such field: then read `reply`',
      }),
    ),
    message: Type.String(),
    reply: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'All of the answer, where it is more than that. Null is what is not finite, base64 octets, text integers from 2^53 on',
      }),
    ),
  },
  { description: 'Answer of the service' },
);
export type RobotAnswer = Static<typeof RobotAnswer>;

export const deviceRoutes = {
  'GET /devices': {
    role: 'viewer',
    reach: 'part',
    tag: 'devices',
    summary: 'All devices, by id',
    query: DeviceListQuery,
    reply: DeviceList,
  },
  'GET /devices/:id': {
    role: 'viewer',
    reach: 'device',
    tag: 'devices',
    summary: 'Everything about one device',
    params: DeviceParams,
    reply: DeviceDetail,
  },
  'DELETE /devices/:id': {
    role: 'admin',
    reach: 'device',
    tag: 'devices',
    summary: 'Forget a device and its history',
    params: DeviceParams,
  },
  'PUT /devices/:id/desired': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Set model and pipeline settings of one device; replaces its own settings',
    params: DeviceParams,
    query: UnlistedQuery,
    body: DesiredSettings,
    reply: DesiredAnswer,
  },
  'POST /devices/:id/retry': {
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Order the same model once more, also where it had failed',
    params: DeviceParams,
    query: RetryQuery,
    reply: DesiredAnswer,
  },
  'POST /devices/:id/describe': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'devices',
    summary: 'Ask the device itself for its models, settings and health',
    params: DeviceParams,
    reply: DescribeAnswer,
  },
  'POST /devices/:id/robot': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'devices',
    summary: 'Call a service of the robot that carries the device, of those that its own settings name',
    params: DeviceParams,
    body: RobotCall,
    reply: RobotAnswer,
  },
} as const satisfies RouteTable;
