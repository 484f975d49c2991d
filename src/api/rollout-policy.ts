import { type Static, Type } from '@sinclair/typebox';
import { SlotName, VersionPolicy } from '../protocol/index.ts';
import { gateMetricNames } from './gate-metrics.ts';
import { Labels } from './labels.ts';
import { closed, described, digest, name, strict } from './scalars.ts';
import { deviceList, Selector } from './selector.ts';

const minutes = (description: string, maximum = 60 * 24 * 90) =>
  Type.Number({ minimum: 0, maximum, description: `${description}, minutes` });
const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

export const Wave = Type.Object(
  {
    name: Type.Optional(name()),
    devices: Type.Optional(deviceList('By id; those that the target does not have are refused')),
    labels: Type.Optional(described(Labels, 'Such as `ring: canary`')),
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'So many of the rest' }),
    ),
    percent: Type.Optional(percent('So many of the target, the waves before counted in')),
    soakMinutes: Type.Optional(minutes('How long it is watched before the next')),
    approval: Type.Optional(
      Type.Boolean({ description: 'Begins when another person than the creator of the rollout approves it' }),
    ),
  },
  { ...closed, description: 'Conditions of one wave add up; devices that no wave names form a last one' },
);
export type Wave = Static<typeof Wave>;

export const Growth = Type.Object(
  {
    first: Type.Integer({ minimum: 1, maximum: 100_000, description: 'Devices of the first wave' }),
    factor: Type.Number({ minimum: 1, maximum: 100, description: 'Each wave has so many times more' }),
    most: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'Never more in one wave' }),
    ),
  },
  { ...closed, description: 'Waves that grow' },
);
export type Growth = Static<typeof Growth>;

export const Window = Type.Object(
  {
    what: Type.Optional(
      Type.Union([Type.Literal('download'), Type.Literal('switch'), Type.Literal('both')], {
        description:
          'download: when devices may be ordered to fetch and prepare it; switch: when it may begin to serve. Absent: both',
      }),
    ),
    cron: Type.String({
      minLength: 9,
      maxLength: 200,
      description: 'When it opens: minute hour day month weekday',
    }),
    timeZone: Type.String({ minLength: 1, maxLength: 64, description: 'Such as `Europe/Vienna`' }),
    minutes: Type.Number({
      exclusiveMinimum: 0,
      maximum: 60 * 24 * 7,
      description: 'How long it stays open',
    }),
    graceMinutes: Type.Optional(
      minutes('Minutes for which deployments in progress may continue after the window closes', 60 * 24),
    ),
  },
  { ...closed, description: 'A window in which it may be worked' },
);
export type Window = Static<typeof Window>;

const GateMetric = Type.Union(gateMetricNames.map((one) => Type.Literal(one)));

/** See docs/rollout-gates.md. */
export const Gate = Type.Object(
  {
    metrics: Type.Array(
      Type.Object(
        {
          metric: GateMetric,
          harm: Type.Optional(
            Type.Number({ exclusiveMinimum: 0, description: 'Smallest harm worth finding' }),
          ),
          direction: Type.Optional(
            Type.Union([Type.Literal('down'), Type.Literal('up'), Type.Literal('both')]),
          ),
          classes: Type.Optional(
            Type.Array(name(), { maxItems: 100, description: 'The classes of class-mix' }),
          ),
          zones: Type.Optional(
            Type.Array(name(), {
              minItems: 1,
              maxItems: 32,
              description: 'The zones of zone-entries and zone-dwell',
            }),
          ),
          lines: Type.Optional(
            Type.Array(name(), { minItems: 1, maxItems: 32, description: 'The lines of line-crossings' }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 20 },
    ),
    comparison: Type.Optional(
      Type.Union([Type.Literal('control'), Type.Literal('before'), Type.Literal('shadow')]),
    ),
    falseAbort: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 0.5,
        description: 'Most probability that a good model is stopped; 0.05',
      }),
    ),
    power: Type.Optional(Type.Number({ minimum: 0.5, exclusiveMaximum: 1 })),
    looks: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 12,
        description:
          'How often a wave is looked at in its soak, evenly, the last time at its end; one before can stop it; 3, and one for each five minutes of soak at most',
      }),
    ),
    passEarly: Type.Optional(
      Type.Boolean({ description: 'A look before the last may end the soak with a pass; false' }),
    ),
    settleMinutes: Type.Optional(minutes('Left out after a swap', 24 * 60)),
    leastBlocks: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    control: Type.Optional(
      described(Selector, 'Devices that keep what they have meanwhile; absent: those of later waves'),
    ),
  },
  { ...closed, description: 'Gate: the detections of the model must not become worse' },
);
export type Gate = Static<typeof Gate>;

/** Two versions at once: B is the model of the rollout, A what devices run meanwhile. */
export const Experiment = Type.Object(
  {
    by: Type.Union([Type.Literal('camera'), Type.Literal('device')], {
      description:
        'camera: on each device B serves some of the cameras, in a separate slot; device: some devices run B on all of their cameras',
    }),
    percent: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 100,
        description:
          'So many percent of the cameras or devices are B, by a hash of their names and that of the rollout: the same ones each time',
      }),
    ),
    labels: Type.Optional(described(Labels, 'By device: those with all of these labels are B')),
    slot: Type.Optional(described(SlotName, 'By camera: where B runs until it is promoted; `next`')),
  },
  {
    ...closed,
    description:
      'Two versions at once. B serves its part, and is compared with the rest, until you promote it or roll it back',
  },
);
export type Experiment = Static<typeof Experiment>;

export const RolloutPolicy = Type.Object(
  {
    model: Type.Object(
      {
        name: name(),
        version: Type.Optional(name('Exactly this one')),
        digest: Type.Optional(digest()),
        policy: Type.Optional(strict(VersionPolicy)),
      },
      { ...closed, description: 'Model to roll out; its digest is fixed when the rollout is created' },
    ),
    slot: Type.Optional(described(SlotName, 'Absent: main')),
    target: Selector,
    experiment: Type.Optional(Experiment),
    waves: Type.Optional(Type.Array(Wave, { minItems: 1, maxItems: 50 })),
    growth: Type.Optional(Growth),
    soakMinutes: Type.Optional(minutes('Soak time of waves that set none')),
    waveDeadlineMinutes: Type.Optional(minutes('A wave that is not done by then pauses the rollout')),
    deadlineHours: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 24 * 365,
        description:
          'After this it pauses; without it and `waveDeadlineMinutes` it pauses when a device is at work in one state for 24 h, or with one order for 7 days',
      }),
    ),
    maxParallel: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'Devices at work at once' }),
    ),
    ratePerMinute: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
    disruption: Type.Optional(
      Type.Object(
        {
          by: name('Key of a label, or `group`'),
          maxUnavailable: Type.Integer({ minimum: 1, maximum: 100_000 }),
        },
        { ...closed, description: 'So many devices with the same value may be at work or offline at once' },
      ),
    ),
    windows: Type.Optional(Type.Array(Window, { minItems: 1, maxItems: 20 })),
    success: Type.Optional(
      Type.Object(
        {
          atLeastPercent: Type.Optional(percent('Share of the devices of a wave that reported; 100')),
          abortPercent: Type.Optional(percent('More failures than this end it at once; 0')),
          minimum: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 100_000,
              description: 'Reports that are needed before the rollout can abort; 1',
            }),
          ),
        },
        closed,
      ),
    ),
    gate: Type.Optional(Gate),
    onFail: Type.Optional(
      Type.Union([Type.Literal('rollback'), Type.Literal('pause')], {
        description: 'rollback (default): all waves roll back automatically',
      }),
    ),
    onUnclear: Type.Optional(
      Type.Union([Type.Literal('pause'), Type.Literal('rollback')], {
        description:
          'Action when the last look of a gate is undecided, or no device of a wave gave an answer: pause (default) leaves its devices on the new version; rollback takes all waves back',
      }),
    ),
    unreachable: Type.Optional(
      Type.Object(
        {
          afterMinutes: minutes('Minutes without a report'),
          rule: Type.Union([Type.Literal('skip'), Type.Literal('wait')], {
            description: 'skip: the wave is decided without it; wait: it is waited for',
          }),
        },
        closed,
      ),
    ),
    lateJoiners: Type.Optional(
      Type.Union([Type.Literal('join'), Type.Literal('leave')], {
        description: 'Devices that come to the target, or come back, after the last wave; absent: join',
      }),
    ),
    supersede: Type.Optional(Type.Boolean({ description: 'Replaces active rollouts on its devices' })),
    approval: Type.Optional(
      Type.Boolean({ description: 'Begins when another person than its creator approves it' }),
    ),
  },
  { ...closed, description: 'How a version comes onto the devices' },
);
export type RolloutPolicy = Static<typeof RolloutPolicy>;
