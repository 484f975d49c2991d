import { mkdir } from 'node:fs/promises';
import { SystemClock } from '../../adapters/system/index.ts';
import { type Clock, type Log, sleep } from '../../base/index.ts';
import type { VariantKind } from '../../model/index.ts';
import {
  type DetectionSink,
  type FrameSource,
  type PerceptionResult,
  Pipeline,
} from '../../perception/index.ts';
import {
  decodeFrame,
  type EngineChoice,
  frameMiniature,
  type OpenedSource,
  openSource,
  type Progress,
  type RosAdapter,
  RosLink,
  readGraphFile,
} from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { DrawingSink } from './drawing-sink.ts';
import { GatedSource } from './gated-source.ts';
import { LimitedDetector } from './limited-detector.ts';
import { modelsBySlot, RunModels } from './models.ts';
import { type RunSummary, RunTally } from './tally.ts';

export interface RunOptions {
  /** A bundle, or several as `slot=bundle`. */
  readonly model: string | readonly string[];
  /** File with the nodes of the graph; default: one node with the main model. */
  readonly graph?: string;
  readonly source: string;
  readonly frames?: number;
  readonly durationMs?: number;
  readonly draw?: string;
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
  readonly threads: number;
  readonly score: number;
  readonly iou: number;
  readonly classes?: readonly string[];
  /** Default: yes, but for the pictures of a folder, which have nothing to do with each other. */
  readonly track?: boolean;
  /** Of a network camera. */
  readonly username?: string;
  readonly passwordFile?: string;
  readonly realtime?: boolean;
  readonly fps: number;
  readonly loop?: boolean;
  readonly publish?: 'ros';
  readonly ros: RosAdapter;
  readonly rosNode?: string;
  readonly rosRemap?: readonly string[];
  readonly rosQos?: readonly string[];
}

export type RunFrame = PerceptionResult;

export interface RunPorts extends WorkPorts {
  readonly onFrame: (frame: RunFrame) => void;
  /** Resolves when whoever takes the frames has room for more; a recording waits for it. */
  readonly drained: () => Promise<void>;
}

/** One camera through its models until its end, or until somebody or something ends it. */
export async function runPipeline(options: RunOptions, ports: RunPorts): Promise<RunSummary> {
  const run = new PipelineRun(options, ports);
  try {
    await run.start();
    await run.ended();
  } finally {
    await run.close();
  }
  return run.summary();
}

/** Start order: source, detectors, sinks, pipeline; undone the other way round, also after half a start. */
class PipelineRun {
  readonly #options: RunOptions;
  readonly #ports: RunPorts;
  readonly #clock = new SystemClock();
  readonly #tally = new RunTally(this.#clock);
  readonly #ros: RosLink;
  /** As many frames as were asked for, or the end. */
  readonly #over = new AbortController();
  readonly #models = new RunModels();
  #bar: Progress | undefined;
  #drawing: DrawingSink | undefined;
  #pipeline: Pipeline | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: RunOptions, ports: RunPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#ros = rosLink(options, { clock: this.#clock, log: ports.log });
  }

  async start(): Promise<void> {
    const { model, graph, engine, threads, variant, frames, draw, publish, ...options } = this.#options;
    const { log, startProgress, signal } = this.#ports;
    const clock = this.#clock;
    const models = modelsBySlot(model);
    const nodes = graph === undefined ? undefined : await readGraphFile(graph);
    const opened = await openSource(options.source, {
      clock,
      ros: this.#ros,
      realtime: options.realtime === true,
      fps: options.fps,
      loop: options.loop === true,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.passwordFile === undefined ? {} : { passwordFile: options.passwordFile }),
      ...(frames === undefined ? {} : { limit: frames }),
    });
    const { track = opened.kind !== 'folder' } = options;
    const request = { engine, threads, log, ...(variant === undefined ? {} : { variant }) };
    await this.#models.open(models, request);
    const { detector } = this.#models.main!;
    this.#bar = await startProgress('frames', opened.total ?? frames ?? 0);
    if (draw !== undefined) this.#drawing = await openDrawing(draw);
    const { camera } = opened.source;
    const setRoom = (enabled: boolean) => this.#pipeline?.configure(camera, { enabled });
    // A recording is cut by its source; a camera that waits for nobody is switched off with the last frame.
    const limited =
      opened.lossless || frames === undefined ? undefined : new LimitedDetector(detector, frames, setRoom);
    const pipeline = new Pipeline({
      slots: this.#models.detectors(limited ?? detector),
      decode: decodeFrame,
      miniature: frameMiniature,
      sinks: await this.#sinks(camera),
      clock,
      log,
      ...(track ? {} : { tracker: false }),
      onEvent: (event) => {
        this.#tally.event(event);
        if (event.kind === 'fault' && event.error.code === 'inference-timeout') limited?.giveBack();
      },
    });
    this.#pipeline = pipeline;
    this.#stopped = whenStopped(AbortSignal.any([signal, this.#over.signal]), options.durationMs, clock);
    await pipeline.add(this.#gated(opened), {
      policy: opened.lossless ? 'every' : 'newest',
      settings: {
        ...{ scoreThreshold: options.score, iouThreshold: options.iou, classes: options.classes ?? [] },
        ...(nodes === undefined ? {} : { nodes }),
      },
    });
    if (publish === 'ros') await this.#ros.control(pipeline, [camera]);
    await pipeline.start();
  }

  async ended(): Promise<void> {
    await Promise.race([this.#pipeline?.finished(), this.#stopped]);
  }

  async close(): Promise<void> {
    // The time that was given must not hold the process when the frames are done.
    this.#over.abort();
    await this.#pipeline?.close();
    this.#bar?.stop();
    await this.#drawing?.close();
    await this.#models.close();
    await this.#ros.close();
  }

  summary(): RunSummary {
    const { main } = this.#models;
    if (this.#pipeline === undefined || main === undefined) throw new RangeError('not started');
    const { engine, reason } = main;
    return this.#tally.summary(this.#pipeline.stats(), { engine, reason, drawn: this.#drawing?.drawn });
  }

  async #sinks(camera: string): Promise<DetectionSink[]> {
    const published = this.#options.publish === 'ros' ? await this.#ros.sinks([camera]) : [];
    const counting = { publish: (result: PerceptionResult) => this.#count(result) };
    const drawing = this.#drawing === undefined ? [] : [this.#drawing];
    return [...published, counting, { nodes: 'all', publish: this.#ports.onFrame }, ...drawing];
  }

  /** A recording waits for the disk and for whoever takes the frames. */
  #gated({ source, lossless }: OpenedSource): FrameSource {
    if (!lossless) return source;
    return new GatedSource(source, async () => {
      await this.#drawing?.room();
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
  { ros: adapter, rosNode: node, rosRemap: remap, rosQos: qos }: RunOptions,
  ports: { readonly clock: Clock; readonly log: Log },
): RosLink {
  return new RosLink({
    ...ports,
    adapter,
    ...(node === undefined ? {} : { node }),
    ...(remap === undefined ? {} : { remap }),
    ...(qos === undefined ? {} : { qos }),
  });
}

/** Resolves when the signal fires or the time is over. */
function whenStopped(signal: AbortSignal, durationMs: number | undefined, clock: Clock): Promise<void> {
  if (durationMs !== undefined) return sleep(clock, durationMs, signal);
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function openDrawing(folder: string): Promise<DrawingSink> {
  await mkdir(folder, { recursive: true });
  const { drawDetections } = await import('../../adapters/sharp/index.ts');
  return new DrawingSink(folder, drawDetections);
}
