import { SystemClock } from '../../adapters/system/index.ts';
import { CancelledError, type Clock, defined, sleep, within } from '../../base/index.ts';
import {
  type DetectionSink,
  defaultCameraSettings,
  type FrameSource,
  mainSlot,
  noRules,
  type PerceptionResult,
  Pipeline,
  rulesProblem,
  SwitchedSource,
  unknownClasses,
} from '../../perception/index.ts';
import {
  decodeFrame,
  frameMiniature,
  manage,
  type OpenedSource,
  openSource,
  type Progress,
  plainSnapshot,
  RosLink,
  readGraphFile,
  readRulesFile,
  serveRosModels,
  serveRosSnapshots,
} from '../../runtime/index.ts';
import type { ResultStreams } from '../../streams/index.ts';
import { type DrawingSink, openDrawing } from './drawing-sink.ts';
import { GatedSource } from './gated-source.ts';
import { KeptSettings } from './kept-settings.ts';
import { LimitedDetector } from './limited-detector.ts';
import { answerGraceMs, ManagedSteps, notManaged } from './managed-run.ts';
import { modelsBySlot, RunModels } from './models.ts';
import type { RunOptions, RunPorts } from './options.ts';
import { RunSwitch } from './run-switch.ts';
import { openRunStreams } from './streams.ts';
import { nothingRan, type RunSummary, RunTally } from './tally.ts';

/** One camera through its models until its end, or until somebody or something ends it. */
export async function runPipeline(options: RunOptions, ports: RunPorts): Promise<RunSummary> {
  const run = new PipelineRun(options, ports);
  try {
    await run.start();
    await run.ended();
  } catch (error) {
    // Who is stopped before the first frame ends as one that is stopped later.
    if (!(error instanceof CancelledError && ports.signal.aborted)) throw error;
  } finally {
    await run.close();
  }
  return run.summary();
}

/** For a receiver that takes nothing: a recording goes on without it. */
const mostWaitMs = 2_000;

/** What a configured run has. */
interface Loaded {
  readonly models: RunModels;
  readonly pipeline: Pipeline;
  readonly source: SwitchedSource;
}

/**
 * Load order: source, detectors, sinks, pipeline; undone the other way round, also after half a start. A node of ROS 2 does
 * it as its life cycle says, by itself unless somebody else is to manage it.
 */
class PipelineRun {
  readonly #options: RunOptions;
  readonly #ports: RunPorts;
  readonly #clock = new SystemClock();
  readonly #tally = new RunTally(this.#clock);
  readonly #ros: RosLink;
  /** As many frames as were asked for, or the end. */
  readonly #over = new AbortController();
  /** The same, or whoever runs it wants an end. */
  readonly #stop: AbortSignal;
  readonly #steps = new ManagedSteps();
  readonly #settings: KeptSettings;
  #stopped: Promise<void> | undefined;
  /** The time that was asked for runs. */
  #counting = false;
  /** Why it can't go on, whoever would manage it. */
  #broken: unknown;
  #bar: Progress | undefined;
  #drawing: DrawingSink | undefined;
  #streams: ResultStreams | undefined;
  #loaded: Loaded | undefined;
  #last: RunSummary | undefined;

  constructor(options: RunOptions, ports: RunPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#stop = AbortSignal.any([ports.signal, this.#over.signal]);
    this.#ros = rosLink(options, ports, this.#clock);
    const { score: scoreThreshold, iou: iouThreshold, classes = [] } = options;
    this.#settings = new KeptSettings({ ...defaultCameraSettings, scoreThreshold, iouThreshold, classes });
  }

  async start(): Promise<void> {
    const { publish = [], rosAutoActivate = true } = this.#options;
    this.#stopped = whenStopped(this.#stop);
    this.#streams = await openRunStreams(publish, this.#ros.log, this.#clock);
    if (this.#toRos) {
      await this.#ros.control(this.#settings, ['camera']);
      await manage(this.#ros, this.#work(), rosAutoActivate);
      return;
    }
    if (!rosAutoActivate) throw notManaged();
    await this.#load();
    await this.#activate();
  }

  async ended(): Promise<void> {
    await this.#stopped;
    if (this.#broken !== undefined) throw this.#broken;
  }

  async close(): Promise<void> {
    // The time that was given must not hold the process when the frames are done.
    this.#over.abort();
    await this.#steps.end();
    await this.#unload();
    await this.#streams?.close();
    this.#bar?.stop();
    await this.#ros.close();
  }

  summary(): RunSummary {
    const streams = this.#streams?.readings() ?? [];
    const summary =
      this.#last ?? this.#tally.summary(nothingRan, { engine: '', reason: '', drawn: undefined });
    return { ...summary, ...(streams.length === 0 ? {} : { streams }) };
  }

  #work(): Parameters<typeof manage>[1] {
    const steps = this.#steps;
    return {
      identity: () => this.#loaded?.pipeline.identity,
      configure: () => steps.load(() => this.#load()),
      activate: () => steps.take(() => this.#activate()),
      deactivate: () => steps.take(() => this.#rest()),
      cleanup: () => steps.load(() => this.#unload()),
      shutdown: async () => {
        // Whoever asked gets the answer first.
        this.#clock.after(answerGraceMs, () => this.#over.abort());
      },
      recover: () => steps.load(() => this.#recover()),
    };
  }

  /** A node that can't give up what it has is finalized, and only another process can begin anew. */
  async #recover(): Promise<void> {
    try {
      await this.#unload();
    } catch (error) {
      this.#broken = error;
      this.#clock.after(answerGraceMs, () => this.#over.abort());
      throw error;
    }
  }

  /** What was opened when one of them can't be is given up again. */
  async #load(): Promise<void> {
    const models = new RunModels();
    try {
      await this.#open(models);
    } catch (error) {
      await models.close();
      this.#ros.release();
      throw error;
    }
  }

  async #open(models: RunModels): Promise<void> {
    const {
      model,
      graph,
      rules: rulesFile,
      engine,
      threads,
      variant,
      frames,
      draw,
      ...options
    } = this.#options;
    const { startProgress } = this.#ports;
    const { log } = this.#ros;
    const clock = this.#clock;
    const folders = modelsBySlot(model);
    const nodes = graph === undefined ? undefined : await readGraphFile(graph);
    const rules = rulesFile === undefined ? undefined : await readRulesFile(rulesFile);
    const opened = await openSource(options.source, {
      clock,
      ros: this.#ros,
      realtime: options.realtime === true,
      fps: options.fps,
      loop: options.loop === true,
      ...defined({ username: options.username, passwordFile: options.passwordFile }),
      ...(options.memory === 'device' ? { memories: () => models.memories() } : {}),
      ...defined({ limit: frames }),
    });
    const { track = opened.kind !== 'folder' } = options;
    const allowed = options.decoderModules === true ? { refuseModule: () => undefined } : {};
    const request = { engine, threads, log, ...allowed, ...defined({ variant }) };
    await models.open(folders, request, this.#stop);
    const { detector } = models.main!;
    const { wanted } = this.#settings;
    const { identity } = detector;
    // On a graph of ROS they may have been set before there was a model to ask.
    const wrong = unknownClasses(wanted.classes, identity) ?? rulesProblem(rules ?? noRules, identity, track);
    if (wrong !== undefined) throw wrong;
    this.#bar ??= await startProgress('frames', opened.total ?? frames ?? 0);
    if (draw !== undefined) this.#drawing ??= await openDrawing(draw);
    const { camera } = opened.source;
    const setRoom = (enabled: boolean) => this.#loaded?.pipeline.configure(camera, { enabled });
    // A recording is cut by its source; a camera that waits for nobody is switched off with the last frame.
    const limited =
      opened.lossless || frames === undefined ? undefined : new LimitedDetector(detector, frames, setRoom);
    const pipeline = new Pipeline({
      slots: models.detectors(limited ?? detector),
      decode: decodeFrame,
      miniature: frameMiniature,
      sinks: await this.#sinks(camera),
      clock,
      log,
      ...(track ? {} : { tracker: false }),
      onEvent: (event) => {
        this.#tally.event(event);
        if (event.kind === 'lost' || event.kind === 'back')
          this.#streams?.camera(event.camera, event.kind === 'back');
        if (event.kind === 'fault' && event.error.code === 'inference-timeout') limited?.giveBack();
      },
    });
    const source = new SwitchedSource(this.#gated(opened), false);
    await pipeline.add(source, {
      policy: opened.lossless ? 'every' : 'newest',
      settings: { ...wanted, ...defined({ nodes, rules }) },
    });
    pipeline.rest(camera, true);
    if (this.#toRos) {
      const choice = new RunSwitch({
        ...{ models, request, log, limited: limited !== undefined },
        folders: [folders.get(mainSlot)!, ...(options.rosModels ?? [])],
        pipeline: () => this.#loaded?.pipeline,
      });
      await serveRosModels(this.#ros, choice, () => choice.reload());
    }
    this.#settings.attach(pipeline, camera);
    this.#loaded = { models, pipeline, source };
  }

  async #activate(): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === undefined) throw new RangeError('not loaded');
    if (this.#stop.aborted) throw new CancelledError('The run');
    const { pipeline, source } = loaded;
    try {
      this.#tally.begin();
      pipeline.rest(source.camera, false);
      await source.turn(true);
      await pipeline.start();
    } catch (error) {
      await this.#rest();
      throw error;
    }
    this.#countDown();
    // A recording ends the run with its last frame.
    void pipeline.finished().then(() => this.#loaded === loaded && this.#over.abort());
  }

  /** From when frames are taken: what was loaded before is no part of the time that was asked for. */
  #countDown(): void {
    const { durationMs } = this.#options;
    if (durationMs === undefined || this.#counting) return;
    this.#counting = true;
    void sleep(this.#clock, durationMs, this.#stop).then(() => this.#over.abort());
  }

  async #rest(): Promise<void> {
    if (this.#loaded === undefined) return;
    const { pipeline, source } = this.#loaded;
    pipeline.rest(source.camera, true);
    await source.turn(false);
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    if (loaded === undefined) return;
    const { pipeline, models } = loaded;
    this.#settings.detach();
    try {
      await pipeline.close();
      // Their pictures are on the disk before they are counted.
      await this.#drawing?.close();
    } finally {
      const { engine = '', reason = '' } = models.main ?? {};
      const stats = pipeline.stats();
      this.#last = this.#tally.summary(stats, { engine, reason, drawn: this.#drawing?.drawn });
      this.#tally.ended(stats);
      this.#ros.release();
      await models.close();
    }
  }

  async #sinks(camera: string): Promise<DetectionSink[]> {
    const published = this.#toRos ? await this.#published(camera) : [];
    const counting = { publish: (result: PerceptionResult) => this.#count(result) };
    const drawing = this.#drawing === undefined ? [] : [this.#drawing];
    const streams = this.#streams === undefined ? [] : [this.#streams];
    return [...published, ...streams, counting, { nodes: 'all', publish: this.#ports.onFrame }, ...drawing];
  }

  async #published(camera: string): Promise<DetectionSink[]> {
    const snapshots = await serveRosSnapshots(this.#ros, [camera], plainSnapshot);
    return [...(await this.#ros.sinks([camera], 'plain')), snapshots];
  }

  get #toRos(): boolean {
    return this.#options.publish?.includes('ros') === true;
  }

  /** A recording waits for the disk, for receivers and for whoever takes the frames. */
  #gated({ source, lossless }: OpenedSource): FrameSource {
    if (!lossless) return source;
    return new GatedSource(source, async () => {
      await this.#drawing?.room();
      await within(this.#clock, mostWaitMs, this.#streams?.room() ?? Promise.resolve());
      await this.#ports.drained();
    });
  }

  #count(result: PerceptionResult): void {
    const { detections, captureToPublishMs } = result;
    this.#tally.result(result);
    this.#bar?.advance(1, `${detections.length} detections, ${captureToPublishMs.toFixed(0)} ms`);
    // A live source has no end of its own.
    if (this.#tally.frames === this.#options.frames) this.#over.abort();
  }
}

function rosLink(
  {
    ros: adapter,
    rosNode: node,
    rosRemap: remap,
    rosQos: qos,
    rosBond: bond,
    rosSimTime: simTime,
  }: RunOptions,
  { rosAdapters: adapters, log, logLevel }: Pick<RunPorts, 'rosAdapters' | 'log' | 'logLevel'>,
  clock: Clock,
): RosLink {
  return new RosLink({
    ...{ clock, log, adapter },
    ...defined({ adapters, logLevel, node, remap, qos, bond, simTime }),
  });
}

function whenStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
