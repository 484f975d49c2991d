import { ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import type { DetectionSink, PerceptionResult } from '../../perception/index.ts';
import { timeOf } from './metrics.ts';

export interface FrameTracesPorts {
  readonly tracer: Tracer;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly wallMs: () => number;
}

/** The way of some frames: from the camera's stamp over waiting, preprocessing, network and decoding to the published result. */
export class FrameTraces implements DetectionSink {
  readonly #ports: FrameTracesPorts;
  readonly #ratio: number;

  constructor(ports: FrameTracesPorts, ratio: number) {
    this.#ports = ports;
    this.#ratio = ratio;
  }

  publish(result: PerceptionResult): void {
    const { tracer, random, wallMs } = this.#ports;
    if (random() >= this.#ratio) return;
    const { camera, node, slot, sequence, detections, identity, timings, captureToPublishMs } = result;
    const endMs = wallMs();
    const startMs = endMs - captureToPublishMs;
    const root = tracer.startSpan(
      'frame',
      {
        startTime: timeOf(startMs),
        attributes: {
          ...{ 'goshawk.camera': camera, 'goshawk.frame': sequence, 'goshawk.detections': detections.length },
          ...{ 'goshawk.model': identity.model, 'goshawk.version': identity.version },
          ...(node === undefined ? {} : { 'goshawk.node': node }),
          ...(slot === undefined ? {} : { 'goshawk.slot': slot }),
        },
      },
      ROOT_CONTEXT,
    );
    const within = trace.setSpan(ROOT_CONTEXT, root);
    const { preprocessMs, inferMs, postprocessMs } = timings;
    // The stages are measured as lengths; what is left of the way is waiting before them.
    let atMs = Math.max(startMs, endMs - preprocessMs - inferMs - postprocessMs);
    const stage = (name: string, fromMs: number, untilMs: number) =>
      tracer.startSpan(name, { startTime: timeOf(fromMs) }, within).end(timeOf(untilMs));
    stage('wait', startMs, atMs);
    for (const [name, ms] of [
      ['preprocess', preprocessMs],
      ['inference', inferMs],
      ['postprocess', postprocessMs],
    ] as const) {
      stage(name, atMs, atMs + ms);
      atMs += ms;
    }
    root.end(timeOf(endMs));
  }
}
