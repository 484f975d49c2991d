import { type Static, Type } from '@sinclair/typebox';
import { DriftSettings, DriftStatus } from './drift.ts';
import { maxSlots } from './main-slot.ts';
import { PipelineNode } from './nodes.ts';
import { CameraRules, RuleName } from './rules.ts';
import { Count, Digest, Name, Text, TimeMs } from './scalars.ts';
import { SlotName, SlotRole, SlotScope, VersionPolicy } from './slots.ts';
import { PictureMode } from './watching.ts';

/*
 * The payload of every topic. Sizes are bounded everywhere: what comes over the wire is not trusted.
 * Unknown fields are ignored by readers; docs/decisions/0081 says which versions serve each other.
 */

/** `counter` only grows within a session, `gauge` is a reading, `histogram` holds the counts since the last batch. */
export const MetricKind = Type.Union([
  Type.Literal('counter'),
  Type.Literal('gauge'),
  Type.Literal('histogram'),
]);
export type MetricKind = Static<typeof MetricKind>;

/** Names are sent once, in the birth; batches refer to them by alias. */
export const CatalogueEntry = Type.Object({
  alias: Type.Integer({ minimum: 0, maximum: 65_535 }),
  name: Name,
  unit: Type.String({
    maxLength: 32,
    description: 'As in UCUM or Prometheus: seconds, bytes, celsius, watts, 1',
  }),
  kind: MetricKind,
  labels: Type.Optional(
    Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 256 }), { maxProperties: 32 }),
  ),
});
export type CatalogueEntry = Static<typeof CatalogueEntry>;

export const LoadedModel = Type.Object({
  name: Name,
  version: Name,
  digest: Digest,
  engine: Name,
  precision: Name,
});
export type LoadedModel = Static<typeof LoadedModel>;

/** A device says something at least so often, however few bytes it has; no announcement counts for more. */
export const mostReportSeconds = 3_600;

export const Birth = Type.Object({
  online: Type.Literal(true),
  /** Grows with every start of the agent, kept on disk. */
  session: Count,
  timeMs: TimeMs,
  /** When the session began, by the device's clock of now. */
  startedMs: TimeMs,
  agentVersion: Name,
  board: Type.Object({
    name: Name,
    arch: Name,
    os: Type.String({ maxLength: 200 }),
    cores: Count,
    memoryBytes: Count,
    powerMode: Type.Optional(Name),
    /** Of serial number and network cards: tells a copied disk from the board that it was copied on. */
    hardware: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16,64}$' })),
  }),
  cameras: Type.Array(Name, { maxItems: 64 }),
  catalogue: Type.Array(CatalogueEntry, { maxItems: 4096 }),
  /** Groups that the device was told on its own disk to belong to; the controller may add more. */
  groups: Type.Optional(Type.Array(Name, { maxItems: 64 })),
  /** It says something at least so often; born anew when that changes. */
  reportsEverySeconds: Type.Number({ minimum: 1, maximum: mostReportSeconds }),
});
export type Birth = Static<typeof Birth>;

export const Death = Type.Object({
  online: Type.Literal(false),
  session: Count,
  reason: Type.Union([Type.Literal('connection-lost'), Type.Literal('shutdown')]),
});
export type Death = Static<typeof Death>;

export const State = Type.Union([Birth, Death]);
export type State = Static<typeof State>;

/**
 * Counts of an exponential histogram (OpenTelemetry data model, scale 3: bucket i holds values in
 * (2^(i/8), 2^((i+1)/8)]) as [index, count] pairs, so that histograms of all devices add up.
 */
export const HistogramValue = Type.Object({
  buckets: Type.Array(Type.Tuple([Type.Integer({ minimum: -1024, maximum: 1024 }), Count]), {
    maxItems: 512,
  }),
  zeros: Count,
  sum: Type.Number(),
});
export type HistogramValue = Static<typeof HistogramValue>;

export const Sample = Type.Tuple([
  TimeMs,
  Type.Integer({ minimum: 0, maximum: 65_535, description: 'Alias of the catalogue' }),
  Type.Union([Type.Number(), HistogramValue]),
]);
export type Sample = Static<typeof Sample>;

/** CBOR. */
export const MetricsBatch = Type.Object({
  session: Count,
  /** 0, 1, 2 ... within the session; a gap that `thinned` does not explain makes the controller ask for a rebirth. */
  sequence: Count,
  /** How many batches right before this one the outbox gave up for lack of room. */
  thinned: Type.Optional(Count),
  /** Number of the outbox entry; the controller acknowledges it with `call/ack`. */
  entry: Count,
  /** True when sent later than made. */
  historical: Type.Boolean(),
  samples: Type.Array(Sample, { maxItems: 10_000 }),
});
export type MetricsBatch = Static<typeof MetricsBatch>;

export const Severity = Type.Union([
  Type.Literal('info'),
  Type.Literal('warning'),
  Type.Literal('error'),
  Type.Literal('critical'),
]);
export type Severity = Static<typeof Severity>;

export const DeviceEvent = Type.Object({
  /** Unique for ever: a repeat is harmless. */
  id: Type.String({ minLength: 8, maxLength: 64 }),
  entry: Count,
  session: Count,
  timeMs: TimeMs,
  /** Dotted, lower case: `deployment.committed`, `camera.lost`, `drift.alarm`. */
  kind: Type.String({ pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)*$', maxLength: 64 }),
  severity: Severity,
  message: Text,
  camera: Type.Optional(Name),
  data: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
});
export type DeviceEvent = Static<typeof DeviceEvent>;

/** Settings of one camera's pipeline that the fleet may change while it runs. */
export const PipelineSettings = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  scoreThreshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  iouThreshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  maxDetections: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  classes: Type.Optional(Type.Array(Name, { maxItems: 1000 })),
  drift: Type.Optional(DriftSettings),
  /** The camera's graph; absent: one node on the slot `main`, and one for each other slot that names the camera. */
  nodes: Type.Optional(Type.Array(PipelineNode, { maxItems: 32 })),
  rules: Type.Optional(CameraRules),
});
export type PipelineSettings = Static<typeof PipelineSettings>;

/** Id of an order for a model. */
const OrderId = Type.String({ minLength: 1, maxLength: 64 });

export const DesiredModel = Type.Object({
  name: Name,
  version: Name,
  digest: Digest,
  /** Of whoever named this model: the same model with another order is tried again, also where it had failed. */
  order: Type.Optional(OrderId),
  /** How the controller came to this digest; the device tells it back and does not follow it by itself. */
  policy: Type.Optional(VersionPolicy),
  /** Fetch, prepare and check it, and wait before the switch until the fleet says so. */
  hold: Type.Optional(Type.Boolean()),
  /** Switch although the device's own gate says that it is not safe now. */
  overrideSafety: Type.Optional(Type.Boolean()),
  /** How many devices the fleet has, where they are many: they do not fetch it all at the same time. */
  fleet: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
});
export type DesiredModel = Static<typeof DesiredModel>;

/** What one slot shall run. */
export const DesiredSlot = Type.Object({
  model: DesiredModel,
  ...SlotScope,
  /** After this time a device that has not begun does not begin any more. */
  expiresAtMs: Type.Optional(TimeMs),
});
export type DesiredSlot = Static<typeof DesiredSlot>;

/** JSON, retained. What the fleet wants of one device. */
export const Desired = Type.Object({
  /** Only grows; a device ignores a generation at or below the one it acts on. */
  generation: Count,
  timeMs: TimeMs,
  /** A slot that is absent is drained and closed; without `main` a device keeps what runs there. */
  slots: Type.Optional(
    Type.Record(SlotName, DesiredSlot, { maxProperties: maxSlots, additionalProperties: false }),
  ),
  /** By camera name; `*` for all. */
  pipelines: Type.Optional(Type.Record(Type.String({ maxLength: 128 }), PipelineSettings)),
});
export type Desired = Static<typeof Desired>;

export const DeploymentState = Type.Union([
  Type.Literal('idle'),
  /** Of a device that runs only what is signed. */
  Type.Literal('fetching-metadata'),
  Type.Literal('downloading'),
  Type.Literal('patching'),
  Type.Literal('verifying'),
  Type.Literal('decrypting'),
  Type.Literal('preparing'),
  Type.Literal('checking'),
  Type.Literal('ready'),
  Type.Literal('swapping'),
  Type.Literal('probation'),
  Type.Literal('committed'),
  Type.Literal('rolling-back'),
  Type.Literal('failed'),
]);
export type DeploymentState = Static<typeof DeploymentState>;
export const deploymentStates = DeploymentState.anyOf.map((one) => one.const);

/** One camera as its device sees it. What it reaches is in the metrics. */
export const CameraReport = Type.Object({
  /** Frames per second that it has to reach; absent where nobody said. */
  targetFps: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
  /** p95 from the stamp of a frame to publishing its result that it has to keep. */
  maxLatencyMs: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600_000 })),
  /** What was promised holds while an object is inside of this zone. */
  targetZone: Type.Optional(RuleName),
  /** What was promised is missed, for longer than a moment. */
  missed: Type.Optional(
    Type.Object({
      /** camera, engine, heat, power, load, ladder, fault. */
      reason: Type.String({ minLength: 1, maxLength: 32 }),
      what: Text,
    }),
  ),
  /** What each role may see of it, hard frames, and which classes of the model that serves are hidden. */
  privacy: Type.Optional(
    Type.Object({
      viewer: PictureMode,
      operator: PictureMode,
      admin: PictureMode,
      frames: Type.Optional(PictureMode),
      graph: Type.Optional(PictureMode),
      clips: Type.Optional(PictureMode),
      /** What is found with this score or more is hidden. */
      hideScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
      /** So many parts of the picture are always black. */
      masks: Type.Optional(Count),
      hides: Type.Array(Name, { maxItems: 100 }),
    }),
  ),
  /** Clips of it are kept. */
  clips: Type.Optional(Type.Literal(true)),
  /** The ladder leaves out all of its frames. */
  leftOut: Type.Optional(Type.Boolean()),
  /** Why no frame comes through, with the remedy. */
  fault: Type.Optional(Text),
  /** Of a live camera: wall clock of the first picture of this connection; absent while there is none. */
  connectedSinceMs: Type.Optional(TimeMs),
  /** Of a live camera: connections that gave a picture. */
  connects: Type.Optional(Count),
  /** Why settings of the fleet are not in force on it, with the remedy; what was in force before goes on. */
  refused: Type.Optional(Text),
  /** Nodes of its graph that do not do their work as the models are now, and why, with the remedy. */
  graph: Type.Optional(
    Type.Array(Type.Object({ node: Type.String({ minLength: 1, maxLength: 32 }), problem: Text }), {
      maxItems: 16,
    }),
  ),
});
export type CameraReport = Static<typeof CameraReport>;

export const DeploymentReport = Type.Object({
  state: DeploymentState,
  digest: Type.Optional(Digest),
  /** The order that it carries out. */
  order: Type.Optional(OrderId),
  /** Of the present state, 0..1, where it is known: a download, an engine build. */
  progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  /** Why it failed or was refused, with the remedy. */
  reason: Type.Optional(Text),
  /** Of `failed`; `unproven` of `committed`: kept although too few frames came to say that it works. */
  outcome: Type.Optional(
    Type.Union([
      Type.Literal('refused'),
      Type.Literal('failed'),
      Type.Literal('rolled-back'),
      Type.Literal('unproven'),
    ]),
  ),
  /** Of `ready`: what it waits for before it switches, and since when. */
  waits: Type.Optional(
    Type.Object({
      for: Type.Union([Type.Literal('fleet'), Type.Literal('safety')]),
      what: Text,
      sinceMs: TimeMs,
    }),
  ),
});
export type DeploymentReport = Static<typeof DeploymentReport>;

/** One slot as it really is. */
export const ReportedSlot = Type.Object({
  deployment: DeploymentReport,
  /** The running model; absent without one. */
  loaded: Type.Optional(LoadedModel),
  ...SlotScope,
  role: SlotRole,
  /** Cameras whose frames go to it now. */
  cameras: Type.Array(Name, { maxItems: 64 }),
  /** Of what it was ordered by, as the fleet said it. */
  policy: Type.Optional(VersionPolicy),
  /** What is wrong with how it was ordered, though its model runs, with the remedy: a camera that is not there. */
  problem: Type.Optional(Text),
});
export type ReportedSlot = Static<typeof ReportedSlot>;

/** How far the models of a device can be trusted. */
export const TrustReport = Type.Object({
  /**
   * `signed`: it runs what its owner signed. `throw-away`: the same, with keys of a demonstration. `unsigned`: it has no root,
   * so it runs what it is told. `insecure`: it was told to ask for no signatures.
   */
  mode: Type.Union([
    Type.Literal('signed'),
    Type.Literal('throw-away'),
    Type.Literal('unsigned'),
    Type.Literal('insecure'),
  ]),
  /** Version of the owner's root that it believes, and of the targets. */
  root: Type.Optional(Count),
  targets: Type.Optional(Count),
  /** When metadata was fetched and believed last, by its clock. */
  checkedMs: Type.Optional(TimeMs),
  /** Why the last model was refused, or why nothing new can be admitted. */
  problem: Type.Optional(Text),
  /** It is at least this late, by what it knows; metadata that ended before has expired there. */
  knownMs: Type.Optional(TimeMs),
  /** Models that must not run any more and what became of them, by slot. */
  withdrawn: Type.Optional(Type.Array(Type.Object({ slot: Name, what: Text }), { maxItems: 64 })),
});
export type TrustReport = Static<typeof TrustReport>;

/** What the diagnostics of a robot's nodes say: the parts that are not well. */
export const RobotReport = Type.Object({
  /** That are known. */
  parts: Count,
  problems: Type.Array(
    Type.Object({
      name: Name,
      level: Type.Union([Type.Literal('warn'), Type.Literal('error'), Type.Literal('stale')]),
      message: Text,
      sinceMs: TimeMs,
    }),
    { maxItems: 32 },
  ),
});
export type RobotReport = Static<typeof RobotReport>;

/** JSON, retained. What is really so. */
export const Reported = Type.Object({
  generation: Count,
  session: Count,
  timeMs: TimeMs,
  /** Those of the fleet, and of the device's own settings. */
  slots: Type.Record(SlotName, ReportedSlot, { maxProperties: 64, additionalProperties: false }),
  pipelines: Type.Record(Type.String({ maxLength: 128 }), PipelineSettings),
  /** By name. */
  cameras: Type.Optional(Type.Record(Type.String({ maxLength: 128 }), CameraReport)),
  /** Steps that the device takes to hold its targets; absent where it has none. */
  ladder: Type.Optional(
    Type.Object({
      level: Count,
      steps: Count,
      /** In words, the first step first. */
      taken: Type.Array(Text, { maxItems: 32 }),
    }),
  ),
  /** By camera; absent from a device that does not watch for drift. */
  drift: Type.Optional(Type.Record(Type.String({ maxLength: 128 }), DriftStatus)),
  /** How the parts of the robot do, as their nodes say; absent where nobody listens to them. */
  robot: Type.Optional(RobotReport),
  trust: Type.Optional(TrustReport),
});
export type Reported = Static<typeof Reported>;
