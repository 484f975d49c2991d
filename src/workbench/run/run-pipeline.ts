import { mkdir } from 'node:fs/promises';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import type { VariantKind } from '../../model/index.ts';
import { type DetectionSink, type PerceptionResult, Pipeline } from '../../perception/index.ts';
import {
  createDetector,
  type EngineChoice,
  openSource,
  type Progress,
  type RosAdapter,
  RosLink,
} from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { DrawingSink } from './drawing-sink.ts';
import { GatedSource } from './gated-source.ts';
import { type RunSummary, RunTally } from './tally.ts';

export interface RunOptions {
  readonly model: string;
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
  readonly track: boolean;
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

/** Start order: bundle, source, detector, sinks, pipeline; undone the other way round, whatever ended the run. */
export async function runPipeline(options: RunOptions, ports: RunPorts): Promise<RunSummary> {
  const { log, startProgress, signal } = ports;
  const clock = new SystemClock();
  const bundle = await readBundle(options.model, 'digests');
  const ros = rosLink(options, { clock, log });
  const opened = await openSource(options.source, {
    clock,
    ros,
    realtime: options.realtime === true,
    fps: options.fps,
    loop: options.loop === true,
    ...(options.frames === undefined ? {} : { limit: options.frames }),
  });
  const { source, lossless } = opened;
  const { detector, engine, reason } = await createDetector(bundle, {
    engine: options.engine,
    threads: options.threads,
    log,
    ...(options.variant === undefined ? {} : { variant: options.variant }),
  });
  const tally = new RunTally(clock);
  const bar = await startProgress('frames', opened.total ?? options.frames ?? 0);
  const drawing = options.draw === undefined ? undefined : await openDrawing(options.draw);
  const published = options.publish === 'ros' ? await ros.sinks([source.camera]) : [];
  const enough = new AbortController();
  const counting: DetectionSink = {
    publish: (result) => {
      count(result, tally, bar);
      // A live source has no end of its own.
      if (tally.frames === options.frames) enough.abort();
    },
  };
  const pipeline = new Pipeline({
    detector,
    sinks: [...published, counting, { publish: ports.onFrame }, ...(drawing === undefined ? [] : [drawing])],
    clock,
    log,
    ...(options.track ? {} : { tracker: false }),
    onEvent: (event) => tally.event(event),
  });
  const stopped = whenStopped(AbortSignal.any([signal, enough.signal]), options.durationMs, clock);
  try {
    const room = async () => {
      await drawing?.room();
      await ports.drained();
    };
    await pipeline.add(lossless ? new GatedSource(source, room) : source, {
      policy: lossless ? 'every' : 'newest',
      settings: { scoreThreshold: options.score, iouThreshold: options.iou, classes: options.classes ?? [] },
    });
    if (options.publish === 'ros') await ros.control(pipeline, [source.camera]);
    await pipeline.start();
    await Promise.race([pipeline.finished(), stopped]);
  } finally {
    await pipeline.close();
    bar.stop();
    await drawing?.close();
    await detector.close();
    await ros.close();
  }
  return tally.summary(pipeline.stats(), { engine, reason, drawn: drawing?.drawn });
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
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (durationMs !== undefined) clock.after(durationMs, resolve);
  });
}

async function openDrawing(folder: string): Promise<DrawingSink> {
  await mkdir(folder, { recursive: true });
  const { drawDetections } = await import('../../adapters/sharp/index.ts');
  return new DrawingSink(folder, drawDetections);
}

function count(result: PerceptionResult, tally: RunTally, bar: Progress): void {
  tally.result(result);
  bar.advance(1, `${result.detections.length} detections, ${result.captureToPublishMs.toFixed(0)} ms`);
}
