import { type Static, Type } from '@sinclair/typebox';
import { strict } from '../../api/index.ts';
import { VariantKind } from '../../model/index.ts';
import { ClipSettings, deviceIdPattern, PipelineSettings, serialPattern } from '../../protocol/index.ts';
import { ArtifactSettings } from './artifacts.ts';
import { Broker } from './broker.ts';
import { BudgetSettings } from './budget.ts';
import { KeySealSetting, Pkcs11Token } from './device-key.ts';
import { InferenceSettings } from './inference.ts';
import { LadderSettings } from './ladder.ts';
import { PrivacySettings } from './privacy.ts';
import { RemoteSettings } from './remote.ts';
import { RosSettings } from './ros.ts';
import { StatisticsSettings } from './statistics.ts';
import { StreamSettings } from './streams.ts';
import { AgentTelemetry } from './telemetry.ts';
import { TrustSettings } from './trust.ts';

/*
 * Every setting of `goshawk agent`: type, limits, default and meaning stand here once. The file is checked against it,
 * and `goshawk agent --print-settings` and docs/settings.md are made from it. All need a restart, except what the
 * fleet sets through `desired` (model and pipelines), and what reload.ts names.
 */

const Camera = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      description:
        '`rtsp://host/path`, `http://host/path` (MJPEG), `v4l2:/dev/video0`, `csi:0`, `gst:<pipeline>`, a folder of pictures, a video file, a bag (`mcap:run.mcap?topic=/camera/image_raw`), `ros:/camera/image_raw`, or `sim` for the simulated street (`sim?fog=4&after=20s`); docs/cameras.md',
    }),
    username: Type.Optional(
      Type.String({ minLength: 1, description: 'User name for a network camera whose address has none' }),
    ),
    passwordFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'File that holds only the password of a network camera; the agent reads it for every connection',
      }),
    ),
    memory: Type.Union([Type.Literal('host'), Type.Literal('device')], {
      default: 'host',
      description:
        'Memory for pictures of `rtsp://`, `csi:` and `gst:`: `device` leaves them where the decoder put them, if every engine reads them there; docs/cameras.md',
    }),
    frameId: Type.Optional(
      Type.String({ description: 'frame_id of the results; default: name of the camera' }),
    ),
    fps: Type.Number({
      minimum: 0.1,
      maximum: 240,
      default: 30,
      description: 'Frames per second of a simulated camera, and the pace of a folder or video',
    }),
    targetFps: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description:
          'Frames per second that the camera has to reach; the agent reports less with the reason, and less than 80 % raises an alert. Default: `fps`, and none for a ROS topic or a live camera',
      }),
    ),
    maxLatencyMs: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 600_000,
        description:
          'Milliseconds from the stamp of a frame to its published result that 95 % of frames have to keep; the agent reports more with the reason',
      }),
    ),
    targetZone: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9-]{0,31}$',
        description:
          'Zone of the camera: `targetFps` and `maxLatencyMs` have to be kept only while an object is inside; docs/targets.md',
      }),
    ),
    privacy: Type.Optional(PrivacySettings),
    clips: Type.Optional(ClipSettings),
    seed: Type.Integer({ minimum: 0, default: 1, description: 'Scene of a simulated camera' }),
    loop: Type.Boolean({ default: true, description: 'Start a folder or video again at its end' }),
    publish: Type.Optional(
      Type.Literal('ros', {
        description:
          'Results to ROS 2, on `~/<name>/detections` and beside it; of a camera named `camera` on `~/detections`',
      }),
    ),
    settings: Type.Optional(strict(PipelineSettings)),
    profile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Drift profile made by `goshawk model profile`; default: the one in the bundle that runs, otherwise profiles/<camera>.json beside `model`. A profile that the device learned overrides it',
      }),
    ),
  },
  // The empty default lets the defaults inside be filled in for each entry of the record.
  { additionalProperties: false, default: {} },
);
export type CameraSetting = Static<typeof Camera>;

export const AgentSettings = Type.Object(
  {
    device: Type.Optional(
      Type.String({
        pattern: deviceIdPattern,
        description:
          'Id of this device in the fleet; where it enrols, by default `goshawk-` and a part of the machine id’s hash',
      }),
    ),
    groups: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Groups it belongs to' }),
    dataDir: Type.String({ minLength: 1, description: 'Outbox, models and state; survives updates' }),
    broker: Type.Optional(Broker),
    enrolment: Type.Optional(
      Type.Object(
        {
          claimFile: Type.String({
            minLength: 1,
            description:
              'The claim that `goshawk claim create` printed; you can add it after the first start',
          }),
          url: Type.Optional(
            Type.String({
              pattern: '^https://',
              description: 'Another EST server than the one that the claim names, e.g. https://est.example',
            }),
          ),
          caFile: Type.Optional(
            Type.String({ description: 'PEM of its root; default: the root whose hash the claim has' }),
          ),
          serial: Type.Optional(
            Type.String({
              pattern: serialPattern,
              description: 'Serial number; default: the one that the board reports',
            }),
          ),
          pkcs11: Type.Optional(Pkcs11Token),
          seal: Type.Optional(KeySealSetting),
        },
        {
          additionalProperties: false,
          description:
            'Get a certificate, broker and groups from the controller; `device` and `broker` may then be absent',
        },
      ),
    ),
    artifacts: ArtifactSettings,
    trust: TrustSettings,
    model: Type.Optional(
      Type.String({ description: 'Bundle that runs until the fleet orders another one', minLength: 1 }),
    ),
    models: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }), Type.String({ minLength: 1 }), {
        maxProperties: 16,
        additionalProperties: false,
        description:
          'Bundles that run until the fleet orders others, by slot, for nodes of cameras (`settings.nodes`); `models.main` is `model`',
      }),
    ),
    engine: Type.Union(
      [
        Type.Literal('auto'),
        Type.Literal('onnxruntime-node'),
        Type.Literal('onnxruntime'),
        Type.Literal('tensorrt'),
      ],
      { default: 'auto', description: 'Engine; auto takes the best installed one and logs why' },
    ),
    variant: Type.Optional(
      Type.Union(VariantKind.anyOf, {
        description:
          'Variant that runs while there is room, of models that have it; default: the fastest that keeps its accuracy budget',
      }),
    ),
    threads: Type.Integer({ minimum: 1, maximum: 64, default: 1, description: 'Threads of one network' }),
    parallel: Type.Integer({ minimum: 1, maximum: 16, default: 1, description: 'Networks side by side' }),
    maxBatch: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 1,
      description:
        'Frames, of any camera, in one run of the network; for a model with a free first dimension',
    }),
    maxWaitMs: Type.Integer({
      minimum: 0,
      maximum: 1000,
      default: 5,
      description: 'Milliseconds that a frame waits for others to run with, where maxBatch is above 1',
    }),
    isolate: Type.Union([Type.Literal('auto'), Type.Boolean()], {
      default: 'auto',
      description:
        'Run a native engine in a separate process, so that its crash or hang costs only the frames in progress; auto: for tensorrt, and with lockMemory',
    }),
    lockMemory: Type.Boolean({
      default: false,
      description:
        'Keep the memory of an engine and of the builder of its plan out of swap, for encrypted models on a machine with swap; the engine then runs in a separate process and opens only with LimitMEMLOCK=infinity',
    }),
    decoderModules: Type.Union([Type.Literal('refuse'), Type.Literal('signed'), Type.Literal('any')], {
      default: 'refuse',
      description:
        'Whether bundles may bring a module that reads the outputs of their network, which is code that runs as this agent. signed: where this device has a trust root, and so the model is signed by its owner. any: from anybody',
    }),
    gpuLetterbox: Type.Boolean({
      default: false,
      description:
        'TensorRT: pictures are brought to the size of the network on the GPU, which takes them from the memory of a Jetson’s decoder too (`cameras.<name>.memory`); batches are off then',
    }),
    dlaCore: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3,
        description:
          'TensorRT: DLA core that runs what it can of a network, the GPU the rest. In half precision (`variant` fp16), one picture at a time. Needs a board of the Xavier or Orin family, and TensorRT up to 10.7 or from 11.4.1 on. Not tried on a board',
      }),
    ),
    cameras: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' }), Camera, {
      minProperties: 1,
      // Without this, a camera whose name does not match the pattern is not checked at all.
      additionalProperties: false,
      description: 'By name',
    }),
    remote: RemoteSettings,
    streams: StreamSettings,
    inference: InferenceSettings,
    ladder: LadderSettings,
    budget: BudgetSettings,
    privacy: Type.Optional(PrivacySettings),
    statistics: StatisticsSettings,
    ros: Type.Optional(RosSettings),
    answerTimeoutSeconds: Type.Number({
      minimum: 6,
      maximum: 3600,
      default: 30,
      description:
        'Time without an answer after which the agent rebuilds an engine, then takes the next engine, then ends so that systemd restarts it; an engine that was slow before gets more time',
    }),
    stallSeconds: Type.Number({
      minimum: 20,
      maximum: 86_400,
      default: 60,
      description:
        'Time without frames, and without an error of the source, after which systemd restarts the agent',
    }),
    failingSeconds: Type.Number({
      minimum: 1,
      maximum: 3600,
      default: 10,
      description:
        'Time of failing frames (five or more) after which the agent takes the same steps; if the engine reports a lost device, it takes them at once',
    }),
    metricsEverySeconds: Type.Number({ minimum: 1, maximum: 3600, default: 10 }),
    outboxBytes: Type.Integer({
      minimum: 100_000,
      maximum: 1e12,
      default: 64_000_000,
      description: 'Room on disk for messages that the fleet has not acknowledged yet',
    }),
    probationSeconds: Type.Number({
      minimum: 0,
      maximum: 86_400,
      default: 30,
      description: 'How long a new model is watched before it is kept',
    }),
    updates: Type.Object(
      {
        lockFile: Type.Optional(
          Type.String({ minLength: 1, description: 'No model is switched while this file exists' }),
        ),
        program: Type.Optional(
          Type.Array(Type.String({ maxLength: 4096 }), {
            minItems: 1,
            maxItems: 64,
            description:
              'Program that runs before a switch, without a shell: status 0 means that it is safe now; otherwise its first line gives the reason',
          }),
        ),
        ros: Type.Boolean({
          default: false,
          description:
            'The robot says over ROS 2 when no model may be switched: it calls `~/hold_updates` (std_srvs/srv/SetBool) with true or false. Until it has called, none is',
        }),
        rosTopic: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 249,
            description:
              'A std_msgs/msg/Bool that says, at least once in timeoutSeconds, whether the robot is at rest; unless it says true no model is switched',
          }),
        ),
        rosLifecycle: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 230,
            description:
              'A managed node, such as `/driver`, in whose state active no model is switched; nor before it was seen to change its state',
          }),
        ),
        mqtt: Type.Boolean({
          default: false,
          description:
            'A program that may write to `call/updates` of the device permits a switch of models, for a time that it names; without a permit no model is switched',
        }),
        timeoutSeconds: Type.Number({
          minimum: 0.1,
          maximum: 300,
          default: 10,
          description:
            'Time after which a program without an answer is ended, and a message of the topic is too old; in both cases no model is switched',
        }),
        restSeconds: Type.Number({
          minimum: 0,
          maximum: 86_400,
          default: 0,
          description: 'Time for which every check has to say that it is safe before a model is switched',
        }),
      },
      {
        additionalProperties: false,
        default: {},
        description: 'When a model may be switched; see docs/safe-updates.md',
      },
    ),
    drift: Type.Object(
      {
        knownAnswerMinutes: Type.Number({
          minimum: 0,
          maximum: 1440,
          default: 10,
          description: 'Time between two frames of the golden set that check the live engine; 0: never',
        }),
        utcOffsetHours: Type.Number({
          minimum: -14,
          maximum: 14,
          default: 0,
          description: 'Time zone of the cameras, for the time of day in what is learned',
        }),
      },
      {
        additionalProperties: false,
        default: {},
        description: 'Drift and sensor health; the settings of each camera are in its `settings.drift`',
      },
    ),
    telemetry: AgentTelemetry,
    prometheus: Type.Optional(
      Type.Object(
        {
          host: Type.String({ default: '127.0.0.1' }),
          port: Type.Integer({ minimum: 0, maximum: 65_535, default: 9464 }),
        },
        { additionalProperties: false, description: 'Address that serves /metrics' },
      ),
    ),
  },
  { additionalProperties: false, requiredWithout: { enrolment: ['device', 'broker'] } },
);
/** As a device works by them: `model` is `models.main`. */
export type AgentSettings = Omit<Static<typeof AgentSettings>, 'model'>;
