import { type Static, Type } from '@sinclair/typebox';
import { ModelChoice } from './devices.ts';
import { GateLookResult, GateResult } from './gate-results.ts';
import { Experiment, RolloutPolicy } from './rollout-policy.ts';
import type { RouteTable } from './route.ts';
import { closed, count, described, limit, timeMs } from './scalars.ts';

export const RolloutState = Type.Union(
  [
    Type.Literal('draft'),
    Type.Literal('waiting-for-approval'),
    Type.Literal('running'),
    Type.Literal('soaking'),
    Type.Literal('comparing'),
    Type.Literal('paused'),
    Type.Literal('aborting'),
    Type.Literal('aborted'),
    Type.Literal('rolling-back'),
    Type.Literal('rolled-back'),
    Type.Literal('finished'),
    Type.Literal('superseded'),
  ],
  { description: 'State of the whole rollout; the current wave is in `wave`' },
);
export type RolloutState = Static<typeof RolloutState>;
export const rolloutStates = RolloutState.anyOf.map((one) => one.const);

export const RolloutDeviceState = Type.Union(
  [
    Type.Literal('waiting'),
    Type.Literal('deferred'),
    Type.Literal('unreachable'),
    Type.Literal('ordered'),
    Type.Literal('downloading'),
    Type.Literal('preparing'),
    Type.Literal('checking'),
    Type.Literal('ready'),
    Type.Literal('probation'),
    Type.Literal('committed'),
    Type.Literal('refused'),
    Type.Literal('failed'),
    Type.Literal('rolled-back'),
    Type.Literal('reverting'),
    Type.Literal('reverted'),
    Type.Literal('left-out'),
  ],
  {
    description:
      'waiting: for its wave; deferred: by a window, a budget or its own safety gate; unreachable: no report arrives; refused: the device refused to begin; rolled-back: the device rolled back; reverting, reverted: the rollout rolled it back; left-out: pinned, held, or ordered otherwise by hand',
  },
);
export type RolloutDeviceState = Static<typeof RolloutDeviceState>;

export const RolloutDevice = Type.Object({
  device: Type.String(),
  wave: Type.Integer({ minimum: 0 }),
  state: RolloutDeviceState,
  sinceMs: timeMs(),
  /** Why it is so, for people. */
  reason: Type.Optional(Type.String()),
  by: Type.Optional(
    Type.Union([
      Type.Literal('window'),
      Type.Literal('parallel'),
      Type.Literal('rate'),
      Type.Literal('disruption'),
      Type.Literal('safety'),
      Type.Literal('freeze'),
      Type.Literal('held'),
      Type.Literal('pinned'),
      Type.Literal('by-hand'),
      Type.Literal('offline'),
      Type.Literal('deleted'),
      Type.Literal('stuck'),
      Type.Literal('no-camera'),
      Type.Literal('unproven'),
      Type.Literal('approval'),
    ]),
  ),
  order: Type.Optional(Type.String({ description: 'The order by which it has, or had, this version' })),
  /** Ordered to prepare it and not to switch yet. */
  held: Type.Optional(Type.Boolean()),
  orderedMs: Type.Optional(timeMs()),
  committedMs: Type.Optional(timeMs()),
  before: Type.Optional(
    described(ModelChoice, 'Model that its own settings named for the slot; absent: none'),
  ),
  ranBefore: Type.Optional(described(ModelChoice, 'Model that it ran')),
});
export type RolloutDevice = Static<typeof RolloutDevice>;

export const RolloutWave = Type.Object({
  name: Type.String(),
  devices: count('How many'),
  soakMinutes: Type.Number(),
  approval: Type.Optional(Type.Boolean()),
  approvedBy: Type.Optional(Type.String()),
  startedMs: Type.Optional(timeMs()),
  settledMs: Type.Optional(timeMs('All of its devices gave an answer: the soak began')),
  passedMs: Type.Optional(timeMs()),
  counts: Type.Record(Type.String(), count(), { description: 'Devices by state' }),
  gate: Type.Optional(GateResult),
  looks: Type.Optional(
    Type.Object(
      {
        of: Type.Integer({ minimum: 1 }),
        made: Type.Array(GateLookResult),
        next: Type.Optional(Type.Object({ number: Type.Integer({ minimum: 1 }), dueMs: timeMs() })),
      },
      { description: 'How often the gate looks in the soak, from when that began on' },
    ),
  ),
});
export type RolloutWave = Static<typeof RolloutWave>;

export const RolloutNote = Type.Object({
  timeMs: timeMs(),
  what: Type.String(),
  by: Type.Optional(Type.String()),
});
export type RolloutNote = Static<typeof RolloutNote>;

const PauseReason = Type.Object({
  kind: Type.Union([
    Type.Literal('by-hand'),
    Type.Literal('inconclusive'),
    Type.Literal('no-data'),
    Type.Literal('failed'),
    Type.Literal('deadline'),
    Type.Literal('frozen'),
    Type.Literal('model-gone'),
    Type.Literal('fault'),
  ]),
  what: Type.String(),
  settle: Type.Optional(Type.Array(Type.String())),
});
export type PauseReason = Static<typeof PauseReason>;

export const RolloutInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: RolloutState,
  sinceMs: timeMs('Start of this state'),
  wave: Type.Integer({ minimum: 0, description: 'From 0: the one that runs, soaks or waits' }),
  waves: Type.Array(RolloutWave),
  model: ModelChoice,
  slot: Type.String(),
  createdMs: timeMs(),
  createdBy: Type.String(),
  pause: Type.Optional(PauseReason),
  reason: Type.Optional(Type.String({ description: 'Why it was aborted, rolled back or superseded' })),
  counts: Type.Record(Type.String(), count(), { description: 'Devices by state' }),
  partly: Type.Optional(
    Type.Boolean({
      description:
        'It also has devices that the token cannot see: only an admin or operator of the whole fleet can steer it',
    }),
  ),
  next: Type.String({ description: 'Next step, and its time' }),
  nextMs: Type.Optional(timeMs()),
});
export type RolloutInfo = Static<typeof RolloutInfo>;

export const RolloutDetail = Type.Object(
  {
    ...RolloutInfo.properties,
    policy: RolloutPolicy,
    devices: Type.Array(RolloutDevice),
    notes: Type.Array(RolloutNote),
  },
  { description: 'Waves, devices, what the gate saw, what happens next, and the history' },
);
export type RolloutDetail = Static<typeof RolloutDetail>;

export const Freeze = Type.Object(
  { reason: Type.String(), by: Type.String(), sinceMs: timeMs() },
  { description: 'While it is there no rollout gives an order' },
);
export type Freeze = Static<typeof Freeze>;

export const RolloutList = Type.Object(
  { rollouts: Type.Array(RolloutInfo), freeze: Type.Optional(Freeze), total: count() },
  { description: 'Newest first' },
);
export type RolloutList = Static<typeof RolloutList>;

export const NewRollout = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$',
      description: 'Unique among those that are not over',
    }),
    policy: RolloutPolicy,
    draft: Type.Optional(Type.Boolean({ description: 'It begins when it is started' })),
  },
  closed,
);
export type NewRollout = Static<typeof NewRollout>;

export const RolloutPreview = Type.Object(
  {
    model: ModelChoice,
    waves: Type.Array(
      Type.Object({ name: Type.String(), devices: Type.Array(Type.String()), soakMinutes: Type.Number() }),
    ),
    leftOut: Type.Array(Type.Object({ device: Type.String(), why: Type.String() })),
    gate: Type.Array(Type.String(), { description: 'Effects that the gate can detect, wave by wave' }),
    undecided: Type.Array(Type.String(), {
      description:
        'Those of them that say what the gate cannot decide, and from which soak on it can: the wave would end in a pause',
    }),
    shortestSoakMinutes: Type.Optional(
      Type.Number({
        description: 'The gate can decide with this soak. Absent: it can already, or no soak is long enough',
      }),
    ),
    overlaps: Type.Array(Type.String(), { description: 'Names of active rollouts on the same devices' }),
  },
  { description: 'Preview of the rollout, without any change' },
);
export type RolloutPreview = Static<typeof RolloutPreview>;

export const RolloutAction = Type.Object(
  {
    action: Type.Union(
      [
        Type.Literal('start'),
        Type.Literal('approve'),
        Type.Literal('pause'),
        Type.Literal('resume'),
        Type.Literal('promote'),
        Type.Literal('abort'),
        Type.Literal('rollback'),
        Type.Literal('resize'),
      ],
      { description: 'Action' },
    ),
    percent: Type.Optional(
      described(
        Experiment.properties.percent,
        'For resize: new share of B, in percent of cameras or devices',
      ),
    ),
    reason: Type.Optional(
      Type.String({ maxLength: 500, description: 'Reason, for its history and the audit log' }),
    ),
  },
  {
    ...closed,
    description:
      'promote: start the next wave although the gate did not pass, or give B of an experiment to all; abort: roll back devices that are not done; rollback: roll back all of them; resize: change the share of B in an experiment',
  },
);
export type RolloutAction = Static<typeof RolloutAction>;

export const ExperimentUnit = Type.Object({
  device: Type.String(),
  camera: Type.Optional(Type.String({ description: 'Camera, in an experiment by camera' })),
  arm: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('waits')], {
    description: 'waits: it is to be B, and B does not serve it yet',
  }),
  why: Type.String({ description: 'Reason: the draw by its name, or its labels' }),
  model: Type.Optional(Type.String({ description: 'Name and version that serve it' })),
});
export type ExperimentUnit = Static<typeof ExperimentUnit>;

export const ExperimentReport = Type.Object(
  {
    by: Experiment.properties.by,
    percent: Experiment.properties.percent,
    slot: Type.String({ description: 'Where B runs' }),
    a: count('Cameras or devices that have A'),
    b: count('That have B'),
    waits: count('That are to have B'),
    units: Type.Array(ExperimentUnit, { description: 'The first 1000' }),
    comparison: Type.Optional(GateResult),
  },
  { description: 'Two versions at once: the version of each device or camera, and B compared with A' },
);
export type ExperimentReport = Static<typeof ExperimentReport>;

const FreezeOrder = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, description: 'Why; it is shown' }) },
  closed,
);

const RolloutParams = Type.Object({
  rollout: Type.String({ minLength: 1, maxLength: 64, description: 'Id, or name of the newest with it' }),
});

export const rolloutRoutes = {
  'GET /rollouts': {
    role: 'viewer',
    reach: 'part',
    tag: 'rollouts',
    summary: 'Rollouts, newest first, and whether they are frozen',
    query: Type.Object({
      limit: Type.Optional(limit(200, 50)),
      active: Type.Optional(Type.Boolean({ description: 'Only those that are not over' })),
    }),
    reply: RolloutList,
  },
  'POST /rollouts': {
    role: 'operator',
    reach: { targets: ['policy.target', 'policy.gate.control'] },
    tag: 'rollouts',
    summary: 'Roll a version out, wave by wave',
    body: NewRollout,
    reply: RolloutDetail,
    status: 201,
  },
  'POST /rollouts/preview': {
    role: 'viewer',
    reach: { targets: ['policy.target', 'policy.gate.control'] },
    tag: 'rollouts',
    summary: 'Preview a rollout: its waves, and the effects that its gate can detect',
    body: NewRollout,
    reply: RolloutPreview,
  },
  'PUT /rollouts/freeze': {
    role: 'operator',
    reach: 'fleet',
    tag: 'rollouts',
    summary: 'Pause all rollouts: no device gets a new version; devices that are rolling back continue',
    body: FreezeOrder,
    reply: RolloutList,
  },
  'DELETE /rollouts/freeze': {
    role: 'operator',
    reach: 'fleet',
    tag: 'rollouts',
    summary: 'Let rollouts work again; those that it paused stay paused until they are resumed',
    reply: RolloutList,
  },
  'GET /rollouts/:rollout': {
    role: 'viewer',
    reach: 'part',
    tag: 'rollouts',
    summary: 'One rollout: waves, devices, what the gate saw, what happens next',
    params: RolloutParams,
    reply: RolloutDetail,
  },
  'GET /rollouts/:rollout/experiment': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'rollouts',
    summary: 'Compare two versions that run at once, with intervals',
    params: RolloutParams,
    reply: ExperimentReport,
  },
  'POST /rollouts/:rollout/actions': {
    role: 'operator',
    reach: 'part',
    tag: 'rollouts',
    summary: 'Start, approve, pause, resume, promote, abort, roll back, or resize an experiment',
    params: RolloutParams,
    body: RolloutAction,
    reply: RolloutDetail,
  },
} as const satisfies RouteTable;
