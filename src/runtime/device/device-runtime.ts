import { join } from 'node:path';
import type { OtlpExport } from '../../adapters/opentelemetry/index.ts';
import { SqliteOutboxStore } from '../../adapters/outbox/index.ts';
import type { MetricsServer } from '../../adapters/prometheus/index.ts';
import { encodePreview } from '../../adapters/sharp/index.ts';
import { AgentStateFile, randomId } from '../../adapters/system/index.ts';
import {
  agentEventOf,
  type BudgetService,
  BundleCheck,
  type BundleName,
  CalledSafetyCheck,
  type ClipRecorder,
  DeviceAgent,
  type DriftService,
  EventRelay,
  engineCrashEvent,
  isPrivateLabel,
  PreviewSink,
  type PrivacyRule,
  type PrivateFindings,
  type TargetService,
} from '../../agent/index.ts';
import { defined, GoshawkError } from '../../base/index.ts';
import {
  type DetectionSink,
  type Detector,
  defaultCameraSettings,
  mainSlot,
  Pipeline,
  type PipelineStats,
} from '../../perception/index.ts';
import type { ResultStreams } from '../../streams/index.ts';
import { decodeFrame, frameMiniature } from '../engines/decode-frame.ts';
import { goldenFiles } from '../engines/golden-files.ts';
import { type InferenceServers, openDeviceInference } from '../inference/open-inference.ts';
import { RosLink } from '../ros/ros-link.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { openOtlp, orderFollower } from '../telemetry.ts';
import type { DeviceRuntimePorts } from './agent-log.ts';
import { agentOptions } from './agent-options.ts';
import { openBudget } from './budget.ts';
import { addCameras, publishedCameras } from './cameras.ts';
import { openClips } from './clips.ts';
import { closeDevice } from './close-device.ts';
import { makeDataFolder } from './data-folder.ts';
import type { DeviceModels } from './device-models.ts';
import { startDrift } from './drift.ts';
import { agentEngines, noteCrashes } from './engines.ts';
import {
  artifactToken,
  openFleetEngines,
  openModels,
  openReleases,
  startGiving,
} from './fetch/open-models.ts';
import type { PeerGiving } from './fetch/peer-giving.ts';
import { firstModel } from './first-model.ts';
import { firstSlots } from './first-slots.ts';
import { DeviceLiveness } from './liveness.ts';
import { serveLocalMetrics } from './local-metrics.ts';
import { DeviceMachine } from './machine.ts';
import { ManagedCameras } from './managed-cameras.ts';
import { type DeviceMembership, openMembership } from './membership.ts';
import { openSealedModels } from './open-sealed.ts';
import { privacyRule } from './privacy.ts';
import { openRemote } from './remote.ts';
import { manageRosCameras, rosSinks } from './ros-cameras.ts';
import { RosModels } from './ros-models.ts';
import { type Reload, rosBridge } from './ros-services.ts';
import { ruleSinks } from './rules.ts';
import { safetyCheck } from './safety.ts';
import type { SlotEngines } from './slot-engines.ts';
import { openDeviceStreams } from './streams.ts';
import { sumMember } from './sums.ts';
import { startTargets } from './targets.ts';
import { DeviceTrust } from './trust.ts';
import { admittedFirst, bundleName, deviceFacts, runningBundles } from './trust-facts.ts';
import { agentUpdater } from './updater.ts';

/** Settings of a device whose name is known. */
export type NamedSettings = AgentSettings & { readonly device: string };

/**
 * One device: a model on an engine, cameras, and the agent that answers to the fleet. Start order: model, detector,
 * pipeline, agent, cameras; closed the other way round. `close` also undoes a start that failed half way.
 */
export class DeviceRuntime {
  readonly #settings: NamedSettings;
  readonly #ports: Omit<DeviceRuntimePorts, 'logLevel'>;
  readonly #events = new EventRelay();
  readonly #memory: AgentStateFile;
  readonly #ros: RosLink;
  readonly #preview: PreviewSink;
  readonly #privacy: PrivacyRule;
  readonly #findings: PrivateFindings;
  readonly #broken = new AbortController();
  #membership: DeviceMembership | undefined;
  #engines: SlotEngines | undefined;
  /** By slot; the agent's, once there is one. */
  #detectors: ReadonlyMap<string, Detector> = new Map();
  /** What this process began with. */
  readonly #serving: BundleName[] = [];
  #drift: DriftService | undefined;
  #clips: ClipRecorder | undefined;
  #pipeline: Pipeline | undefined;
  #machine: DeviceMachine | undefined;
  #targets: TargetService | undefined;
  #budget: BudgetService | undefined;
  #streams: ResultStreams | undefined;
  readonly #liveness: DeviceLiveness;
  #agent: DeviceAgent | undefined;
  #metrics: MetricsServer | undefined;
  #inference: InferenceServers | undefined;
  #peers: PeerGiving | undefined;
  #reload: Reload | undefined;
  #otlp: OtlpExport | undefined;

  constructor(settings: NamedSettings, { logLevel, ...ports }: DeviceRuntimePorts) {
    this.#settings = settings;
    this.#memory = new AgentStateFile(join(settings.dataDir, 'memory.json'));
    this.#liveness = new DeviceLiveness(settings, {
      ...{ clock: ports.clock, reportEvent: this.#events.report },
      live: () => this.#pipeline,
    });
    const { useSimTime = false, ...ros }: Partial<NonNullable<AgentSettings['ros']>> = settings.ros ?? {};
    const least = defined({ logLevel });
    this.#ros = new RosLink({ ...ports, ...ros, ...least, simTime: useSimTime });
    this.#ports = { ...ports, log: this.#ros.log };
    const { rule, findings } = privacyRule(settings, { clock: ports.clock, live: () => this.#pipeline });
    this.#privacy = rule;
    this.#findings = findings;
    this.#preview = new PreviewSink({
      ...{ encode: encodePreview, log: ports.log, clock: ports.clock },
      maxFps: (camera) => this.#targets?.previewFps(camera),
      privacy: this.#privacy,
    });
  }

  /** Every camera that should run does, as far as this process is to blame. */
  get healthy(): boolean {
    return this.#liveness.healthy;
  }

  /** One line about what runs. */
  get status(): string {
    return this.#liveness.status();
  }

  async start(): Promise<void> {
    const settings = this.#settings;
    const { clock } = this.#ports;
    const otlp = await openOtlp(settings.telemetry.otlp, {
      ...{ ...this.#ports, program: 'agent', instance: settings.device },
      metrics: async () => {
        const { shownReadings } = await import('../../adapters/opentelemetry/index.ts');
        return shownReadings(this.#agent?.readings() ?? []);
      },
      // A budget that is not open yet refuses nothing: that is over before the first batch.
      spend: (bytes) => this.#budget?.spend('telemetry', bytes),
    });
    this.#otlp = otlp;
    const log = otlp?.logged(this.#ports.log) ?? this.#ports.log;
    const events = this.#events;
    const reportEvent = events.report;
    await makeDataFolder(settings.dataDir, log);
    const token = await artifactToken(settings);
    const trust = await DeviceTrust.open(settings, {
      ...{ clock, log, token },
      facts: await deviceFacts(),
      running: () => runningBundles(this.#memory, () => this.#serving),
      controller: () => this.#membership?.server,
      identity: () => this.#membership?.downloads?.(),
    });
    const adopt = (told: unknown) => trust.adopt(told);
    const membership = await openMembership(settings, { clock, log, reportEvent, adopt });
    this.#membership = membership;
    const sealed = openSealedModels(() => membership.key, { log, reportEvent });
    const fetching = { membership, token, clock, log, reportEvent, sealed };
    const models = openModels(settings, fetching);
    const updater = agentUpdater(settings.dataDir, clock);
    const fleetEngines = openFleetEngines(settings, { membership, clock, log });
    const crashes = noteCrashes(settings.dataDir, clock.wallMs(), log);
    for (const crash of crashes) reportEvent(engineCrashEvent(crash));
    const check = new BundleCheck({ golden: goldenFiles, memoryBytes: () => process.memoryUsage.rss() });
    const engines = agentEngines(settings, {
      ...{ check, trust, clock, log, reportEvent, crashes },
      plain: (bundle, file) => sealed.plain(bundle, file),
      planSeal: (bundle, file) => sealed.planSeal(bundle, file),
      onExposed: (lockProblem) => sealed.noteExposed(lockProblem),
      ...defined({ fleetEngines }),
      endProcess: (reason) =>
        this.#broken.abort(
          new GoshawkError('engine-unrecovered', reason, 'Restart the agent; systemd does so automatically.'),
        ),
    });
    this.#engines = engines;
    const { bundle, detector, planPending, problem } = await firstModel({
      ...{
        models,
        engines: admittedFirst(trust, engines),
        log,
        folder: settings.models?.main,
        memory: this.#memory,
      },
    });
    this.#detectors = new Map([[mainSlot, detector]]);
    if (bundle !== undefined) this.#serving.push(bundleName(bundle));
    const others = await firstSlots({
      ...{ models, log, memory: this.#memory, folders: settings.models ?? {} },
      open: (slot, model) => admittedFirst(trust, engines, slot).first(model),
    });
    const slots = [...others].map(([slot, other]) => [slot, other.detector] as const);
    const detectors = new Map([[mainSlot, detector], ...slots]);
    this.#detectors = detectors;
    this.#serving.push(...[...others.values()].map((other) => bundleName(other.bundle)));

    const live = () => this.#pipeline;
    const drift = await startDrift(settings, {
      ...{ clock, log, reportEvent, models, live, privacy: this.#privacy },
      onKnownAnswer: (right) => engines.of(mainSlot).answered(right),
    });
    this.#drift = drift;
    const machine = new DeviceMachine('/', settings.dataDir);
    this.#machine = machine;
    const targets = startTargets(settings, {
      ...{ clock, log, reportEvent, live, engines },
      board: () => machine.readBoard(),
    });
    this.#targets = targets;
    const budget = await openBudget(settings, { clock, log, reportEvent });
    this.#budget = budget;
    const streams = await openDeviceStreams(settings, {
      ...{ clock, log, budget, privacy: this.#privacy },
      agent: () => this.#agent,
    });
    this.#streams = streams;
    const clips = await openClips(settings, { clock, log, reportEvent, privacy: this.#privacy });
    this.#clips = clips;
    events.watch((event) => clips?.event(event));
    const watching = [
      ...[targets.sink, drift, streams, ...(clips === undefined ? [] : [clips])],
      ...(otlp === undefined ? [] : [otlp.frames()]),
    ];
    const pipeline = await this.#openPipeline(watching, models);
    const outbox = new SqliteOutboxStore({
      folder: join(settings.dataDir, 'outbox'),
      maxFileBytes: Math.ceil(settings.outboxBytes * 1.5),
      nowMs: () => clock.wallMs(),
    });
    const called = settings.updates.mqtt ? new CalledSafetyCheck(clock) : undefined;
    const robot = await rosBridge(this.#ros, settings.ros?.bridge, { clock, reportEvent });
    const safety = await safetyCheck(settings, clock, this.#ros, called);
    const sums = sumMember(settings.statistics, settings.device, clock);
    const remote = await openRemote(settings, {
      ...{ ...this.#ports, live, events, agent: () => this.#started().agent },
      endProcess: (reason) => this.#broken.abort(reason),
    });
    const agent = await DeviceAgent.start(
      agentOptions(settings, membership),
      {
        ...{ clock, log, random: Math.random, newId: randomId, memory: this.#memory, outbox },
        transport: (will) => membership.transport(will),
        machine,
        deployment: {
          ...{ models, check, trust, ...defined({ safety }) },
          software: { updater, releases: openReleases(settings, fetching) },
          factory: (slot) => engines.of(slot),
          onSlotRemoved: (slot) => void engines.remove(slot),
        },
        parts: {
          ...{ drift, targets, budget, streams, privacy: this.#privacy },
          ...defined({
            robot,
            sums,
            updates: called,
            clips,
            remote,
            onReported: otlp && orderFollower(settings.device, otlp, clock),
          }),
          certificate: membership.certificate,
        },
      },
      { pipeline, detectors, ...(problem === '' ? {} : { problem }) },
    );
    this.#agent = agent;
    this.#preview.attach(agent);
    events.attach(agent);
    const main = bundle === undefined ? [] : [[mainSlot, { bundle, planPending }] as const];
    engines.attach(agent, [...others, ...main]);
    this.#metrics = await serveLocalMetrics(settings.prometheus, agent, log);
    this.#inference = await openDeviceInference(settings.inference, { live, clock, log });
    // A camera that is not there yet is told and tried again: the agent does not end for it.
    await pipeline.start();
    await membership.start();
    this.#peers = startGiving(settings, models, { membership, clock, log });
  }

  /** Aborted with the reason when only a new process can go on. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  get session(): number {
    return this.#started().agent.session;
  }

  /** Entries that the fleet has not acknowledged. */
  get outboxEntries(): number {
    return this.#started().agent.outboxStats.entries;
  }

  stats(): PipelineStats {
    return this.#started().pipeline.stats();
  }

  /** Lets the ROS graph ask for what SIGHUP asks for. */
  onReload(reload: Reload): void {
    this.#reload = reload;
  }

  /** Settings of these cameras that changed while they run. */
  reconfigure(cameras: AgentSettings['cameras']): void {
    const { agent } = this.#started();
    for (const [camera, { settings = {} }] of Object.entries(cameras)) {
      const { drift = {}, ...own } = settings;
      this.#drift?.rebase(camera, drift);
      agent.rebase(camera, { ...defaultCameraSettings, ...own });
    }
  }

  async close(): Promise<void> {
    this.#targets?.close();
    this.#liveness.close();
    await closeDevice({
      agent: this.#agent,
      detectors: [...this.#detectors.values()],
      pipeline: this.#pipeline,
      before: [this.#peers, this.#metrics, this.#inference, this.#membership, this.#engines],
      after: [this.#clips, this.#streams, this.#drift, this.#otlp, this.#ros],
    });
    await this.#budget?.close();
    this.#machine?.close();
  }

  /** With every camera, and nothing running yet. */
  async #openPipeline(watching: readonly DetectionSink[], models: DeviceModels): Promise<Pipeline> {
    const { clock, log } = this.#ports;
    const { cameras, ros = {} } = this.#settings;
    const published = publishedCameras(cameras);
    const agent = () => this.#agent;
    const graph = { ros: this.#ros, privacy: this.#privacy, agent };
    const sinks = await rosSinks(this.#settings, published, graph);
    // The agent comes after the pipeline that it looks after.
    const telemetry: DetectionSink = { publish: (result) => this.#agent?.sink.publish(result) };
    const reportEvent = this.#events.report;
    const rules = ruleSinks(this.#settings, { clock, reportEvent, live: () => this.#pipeline });
    const pipeline = new Pipeline({
      slots: this.#detectors,
      decode: decodeFrame,
      seeks: { label: isPrivateLabel, threshold: (camera) => this.#privacy.hideScore(camera) },
      watched: true,
      miniature: frameMiniature,
      // What others found is known before a picture of the frame is made.
      sinks: [this.#findings, ...sinks, telemetry, ...rules, ...watching, this.#preview],
      clock,
      log,
      answerTimeoutMs: this.#settings.answerTimeoutSeconds * 1000,
      failingMs: this.#settings.failingSeconds * 1000,
      onDisagreement: (disagreement) => this.#drift?.disagree(disagreement),
      onEvent: (change) => {
        this.#liveness.note(change);
        if (change.kind === 'lost' || change.kind === 'back')
          this.#streams?.camera(change.camera, change.kind === 'back');
        const event = agentEventOf(change);
        if (event !== undefined) void this.#events.report(event);
        if (change.kind === 'stuck') this.#engines?.find(change.slot)?.stuck();
        if (change.kind === 'failing') this.#engines?.find(change.slot)?.failing(change.lost);
      },
    });
    this.#pipeline = pipeline;
    const { autoActivate = true, models: folders = [] }: Partial<NonNullable<AgentSettings['ros']>> = ros;
    const managed = new ManagedCameras(autoActivate);
    const cameraPorts = { clock, log, random: Math.random, ros: this.#ros, clips: this.#clips };
    await addCameras(pipeline, cameras, cameraPorts, managed);
    const choice = new RosModels({ folders, models, agent, log });
    const reload = () => this.#reload;
    await manageRosCameras(pipeline, published, { ...graph, managed, autoActivate, choice, reload });
    return pipeline;
  }

  #started() {
    if (this.#agent === undefined || this.#pipeline === undefined) throw new RangeError('not started');
    return { agent: this.#agent, pipeline: this.#pipeline };
  }
}
