import { mkdir } from 'node:fs/promises';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import type { Progress } from '../../cli/output.ts';
import { outputLog } from '../../cli/output.ts';
import type { VariantKind } from '../../model/index.ts';
import { type DetectionSink, type PerceptionResult, Pipeline } from '../../perception/index.ts';
import { createDetector, type EngineChoice } from '../../runtime/engines/detectors.ts';
import { type RosAdapter, RosLink } from '../../runtime/ros/ros-link.ts';
import { openSource } from '../../runtime/sources/open-source.ts';
import { DrawingSink } from './drawing-sink.ts';
import { GatedSource } from './gated-source.ts';
import { RunTally } from './tally.ts';

export interface RunOptions {
  readonly model: string;
  readonly source: string;
  readonly frames?: number;
  /** Milliseconds. */
  readonly duration?: number;
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

/** Start order: bundle, source, detector, sinks, pipeline; undone the other way round, whatever ended the run. */
export async function runPipeline(
  { output: out, signal }: CommandContext,
  options: RunOptions,
): Promise<number | undefined> {
  const clock = new SystemClock();
  const log = outputLog(out);
  const bundle = await readBundle(options.model, 'digests');
  const ros = new RosLink({
    clock,
    log,
    adapter: options.ros,
    ...(options.rosNode === undefined ? {} : { node: options.rosNode }),
    ...(options.rosRemap === undefined ? {} : { remap: options.rosRemap }),
    ...(options.rosQos === undefined ? {} : { qos: options.rosQos }),
  });
  const opened = await openSource(options.source, {
    clock,
    ros,
    realtime: options.realtime === true,
    fps: options.fps,
    loop: options.loop === true,
    ...(options.frames === undefined ? {} : { limit: options.frames }),
  });
  const { detector, engine, reason } = await createDetector(bundle, {
    engine: options.engine,
    threads: options.threads,
    log,
    ...(options.variant === undefined ? {} : { variant: options.variant }),
  });
  const tally = new RunTally(clock);
  const bar = await out.progress('frames', opened.total ?? options.frames ?? 0);
  const drawing = options.draw === undefined ? undefined : await openDrawing(options.draw);
  const printing: DetectionSink = { publish: (result) => out.value({ type: 'frame', ...printable(result) }) };
  const published = options.publish === 'ros' ? await ros.sinks([opened.source.camera]) : [];
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
    sinks: [...published, counting, printing, ...(drawing === undefined ? [] : [drawing])],
    clock,
    log,
    ...(options.track ? {} : { tracker: false }),
    onEvent: (event) => tally.event(event),
  });
  const stop = new Promise<'stopped'>((resolve) => {
    const resolveStopped = () => resolve('stopped');
    AbortSignal.any([signal, enough.signal]).addEventListener('abort', resolveStopped, { once: true });
    if (signal.aborted) resolveStopped();
    if (options.duration !== undefined) clock.after(options.duration, resolveStopped);
  });
  try {
    const source = opened.lossless
      ? new GatedSource(opened.source, async () => {
          await drawing?.room();
          await out.drained();
        })
      : opened.source;
    await pipeline.add(source, {
      policy: opened.lossless ? 'every' : 'newest',
      settings: { scoreThreshold: options.score, iouThreshold: options.iou, classes: options.classes ?? [] },
    });
    if (options.publish === 'ros') await ros.control(pipeline, [opened.source.camera]);
    await pipeline.start();
    await Promise.race([pipeline.finished(), stop]);
  } finally {
    await pipeline.close();
    bar.stop();
    await drawing?.close();
    await detector.close();
    await ros.close();
  }
  const summary = tally.summary(pipeline.stats(), { engine, reason, drawn: drawing?.drawn });
  tally.print(out, summary);
  if (signal.aborted) return undefined;
  return summary.frames.processed > 0 ? 0 : 1;
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

/** One frame as a line of JSON: numbers short enough to read, the stamp as text because it does not fit a double. */
function printable(result: PerceptionResult) {
  const short = (value: number) => Number(value.toFixed(2));
  const { timings } = result;
  return {
    camera: result.camera,
    sequence: result.sequence,
    stampNs: String(result.stampNs),
    width: result.width,
    height: result.height,
    detections: result.detections.map(({ label, classId, score, box, trackId }) => ({
      label,
      classId,
      score: Number(score.toFixed(4)),
      box: [short(box.x1), short(box.y1), short(box.x2), short(box.y2)],
      ...(trackId === undefined ? {} : { trackId }),
    })),
    timings: {
      preprocessMs: short(timings.preprocessMs),
      inferMs: short(timings.inferMs),
      postprocessMs: short(timings.postprocessMs),
    },
    captureToPublishMs: short(result.captureToPublishMs),
  };
}
