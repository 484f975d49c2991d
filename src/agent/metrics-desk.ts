import type { DetectionSink, DetectorIdentity, PerceptionResult } from '../perception/index.ts';
import { dropReasons } from '../perception/index.ts';
import { metricNames } from '../protocol/index.ts';
import type {
  Counter,
  Gauge,
  Histogram,
  InstrumentRegistry,
  Labels,
  OutboxStats,
} from '../telemetry/index.ts';
import type { BoardReadings, PipelineHost, ProcessReadings } from './ports.ts';

interface StreamInstruments {
  readonly identity: DetectorIdentity;
  readonly processed: Counter;
  readonly detections: Counter;
  readonly latency: Histogram;
  readonly preprocess: Histogram;
  readonly infer: Histogram;
  readonly postprocess: Histogram;
}

/** What the device measures of itself, under the names of the protocol. A sink of the pipeline counts every frame. */
export class MetricsDesk implements DetectionSink {
  readonly #registry: InstrumentRegistry;
  readonly #streams = new Map<string, StreamInstruments>();
  /** Gauges that carry the present model's name, by camera; they end with it. */
  readonly #ofModel = new Map<string, { readonly digest: string; readonly gauge: Gauge }>();

  constructor(registry: InstrumentRegistry) {
    this.#registry = registry;
  }

  publish({ camera, identity, detections, timings, captureToPublishMs }: PerceptionResult): void {
    const stream = this.#stream(camera, identity);
    stream.processed.add(1);
    stream.detections.add(detections.length);
    stream.latency.record(captureToPublishMs / 1000);
    stream.preprocess.record(timings.preprocessMs / 1000);
    stream.infer.record(timings.inferMs / 1000);
    stream.postprocess.record(timings.postprocessMs / 1000);
  }

  samplePipeline(pipeline: PipelineHost): void {
    const { cameras, detector } = pipeline.stats();
    for (const { camera, frames, framesPerSecond } of cameras) {
      const labels = { camera };
      this.#registry.counter(metricNames.received, '1', labels).raiseTo(frames.received);
      this.#registry.counter(metricNames.superseded, '1', labels).raiseTo(frames.superseded);
      for (const reason of dropReasons)
        if (frames.dropped[reason] > 0)
          this.#registry
            .counter(metricNames.dropped, '1', { ...labels, reason })
            .raiseTo(frames.dropped[reason]);
      this.#gaugeOfModel(metricNames.fps, '1', labels, detector).set(framesPerSecond);
      this.#registry.gauge(metricNames.queue, '1', labels).set(frames.waiting + frames.inFlight);
    }
  }

  sampleProcess(
    { memoryBytes, cpuCores, eventLoopDelaySeconds }: ProcessReadings,
    identity: DetectorIdentity,
  ): void {
    this.#gaugeOfModel(metricNames.memory, 'bytes', {}, identity).set(memoryBytes);
    this.#registry.gauge(metricNames.cpu, '1').set(cpuCores);
    this.#registry.gauge(metricNames.eventLoopDelay, 'seconds').set(eventLoopDelaySeconds);
  }

  sampleBoard({ temperatures, power }: BoardReadings): void {
    for (const { zone, celsius } of temperatures)
      this.#registry.gauge(metricNames.temperature, 'celsius', { zone }).set(celsius);
    for (const { rail, watts } of power)
      this.#registry.gauge(metricNames.power, 'watts', { rail }).set(watts);
  }

  sampleOutbox({ entries, bytes }: OutboxStats): void {
    this.#registry.gauge(metricNames.outboxEntries, '1').set(entries);
    this.#registry.gauge(metricNames.outboxBytes, 'bytes').set(bytes);
  }

  /** A payload that came in and was refused. */
  refusedPayload(kind: string): void {
    this.#registry.counter(metricNames.refusedPayloads, '1', { kind }).add(1);
  }

  #stream(camera: string, identity: DetectorIdentity): StreamInstruments {
    const known = this.#streams.get(camera);
    if (known !== undefined && known.identity.digest === identity.digest) return known;
    const labels = { camera, ...modelLabels(identity) };
    const seconds = (name: string) => this.#registry.histogram(name, 'seconds', labels);
    const stream: StreamInstruments = {
      identity,
      processed: this.#registry.counter(metricNames.processed, '1', labels),
      detections: this.#registry.counter(metricNames.detections, '1', labels),
      latency: seconds(metricNames.latency),
      preprocess: seconds(metricNames.preprocess),
      infer: seconds(metricNames.infer),
      postprocess: seconds(metricNames.postprocess),
    };
    this.#streams.set(camera, stream);
    return stream;
  }

  #gaugeOfModel(name: string, unit: string, labels: Labels, identity: DetectorIdentity): Gauge {
    const key = JSON.stringify([name, labels]);
    const known = this.#ofModel.get(key);
    if (known?.digest === identity.digest) return known.gauge;
    known?.gauge.clear();
    const gauge = this.#registry.gauge(name, unit, { ...labels, ...modelLabels(identity) });
    this.#ofModel.set(key, { digest: identity.digest, gauge });
    return gauge;
  }
}

function modelLabels({ model, version }: DetectorIdentity): Labels {
  return { model, version };
}
