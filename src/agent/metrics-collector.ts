import type {
  DetectionSink,
  DetectorIdentity,
  MemoryCounts,
  NodeStats,
  PerceptionResult,
  SourceHealth,
} from '../perception/index.ts';
import { dropReasons, skipReasons } from '../perception/index.ts';
import { deviceMetrics, type MetricRow, mainSlot } from '../protocol/index.ts';
import type {
  Counter,
  Gauge,
  Histogram,
  InstrumentRegistry,
  Labels,
  OutboxStats,
} from '../telemetry/index.ts';
import { sampleBudget } from './budget/metrics.ts';
import { DetectionCounts } from './detection-counts.ts';
import type { KnownAnswerCounts } from './drift/canary-probe.ts';
import type { DriftReading } from './drift/reading.ts';
import type {
  BoardReadings,
  BudgetHost,
  ClipHost,
  DiskReadings,
  PipelineHost,
  ProcessReadings,
  RobotReading,
  StreamHost,
  TargetHost,
} from './ports.ts';
import { RuleMetrics } from './rules/rule-metrics.ts';
import type { SumMember } from './statistics/index.ts';
import { sampleTargets, sampleTegra } from './targets/metrics.ts';

interface StreamInstruments {
  readonly identity: DetectorIdentity;
  readonly processed: Counter;
  readonly detections: Counter;
  readonly latency: Histogram;
  readonly preprocess: Histogram;
  readonly infer: Histogram;
  readonly postprocess: Histogram;
}

/** Repeated readings of drift cost bytes without news: the limit is 200 kB a day for each camera. */
const driftScoreEveryMs = 60_000;
const driftSignalsEveryMs = 300_000;
/** What was promised changes with the settings alone. */
const promisesEveryMs = 300_000;
const targetsEveryMs = 60_000;
const streamsEveryMs = 60_000;
/** After an alarm and after its end the signals are sent with every batch for so long. */
const driftNewsMs = 120_000;

/** What the device measures of itself, under the names of the protocol. A sink of the pipeline counts every frame. */
export class MetricsCollector implements DetectionSink {
  readonly #registry: InstrumentRegistry;
  readonly #streams = new Map<string, StreamInstruments>();
  /** When the score and the signals of a camera were sent last. */
  readonly #driftSentMs = new Map<string, { score: number; signals: number }>();
  #budgetSentMs = Number.NEGATIVE_INFINITY;
  #streamsSentMs = Number.NEGATIVE_INFINITY;
  #clipsSentMs = Number.NEGATIVE_INFINITY;
  #targetState = '';
  #targetsSentMs = Number.NEGATIVE_INFINITY;
  #promisesSentMs = Number.NEGATIVE_INFINITY;
  /** Gauges that carry the present model's name, by camera; they end with it. */
  readonly #ofModel = new Map<string, { readonly digest: string; readonly gauge: Gauge }>();

  /** Gauges of shadows, by slot and camera. */
  readonly #shadows = new Map<string, readonly Gauge[]>();

  /** Gauges of what a robot says, by name and field. */
  readonly #robot = new Map<string, Map<string, Gauge>>();
  readonly #counts: DetectionCounts;
  readonly #rules: RuleMetrics;
  readonly #sums: Pick<SumMember, 'add'> | undefined;

  /** With `sums` what is found by class and how surely goes there, and is not sent; nor is what zones and lines count. */
  constructor(registry: InstrumentRegistry, sums?: Pick<SumMember, 'add'>) {
    this.#registry = registry;
    this.#sums = sums;
    this.#counts = new DetectionCounts(registry);
    this.#rules = new RuleMetrics(registry);
  }

  publish(result: PerceptionResult): void {
    const { camera, identity, slot, detections, timings, captureToPublishMs } = result;
    const stream = this.#stream(camera, slot ?? mainSlot, identity);
    stream.processed.add(1);
    stream.detections.add(detections.length);
    stream.latency.record(captureToPublishMs / 1000);
    stream.preprocess.record(timings.preprocessMs / 1000);
    stream.infer.record(timings.inferMs / 1000);
    stream.postprocess.record(timings.postprocessMs / 1000);
    (this.#sums ?? this.#counts).add(result);
    if (this.#sums === undefined) this.#rules.add(result);
  }

  /** `nowMs`: monotonic. */
  sampleDetections(nowMs: number): void {
    this.#counts.sample(nowMs);
    this.#rules.sample(nowMs);
  }

  samplePipeline(pipeline: PipelineHost): void {
    const { cameras, detector, nodes } = pipeline.stats();
    for (const node of nodes) if (node.slot !== mainSlot) this.#sampleNode(node);
    this.#forgetShadows(nodes);
    for (const { camera, frames, framesPerSecond, health } of cameras) {
      const labels = { camera };
      if (health !== undefined) this.#sampleHealth(health, labels);
      this.#registry.counter(deviceMetrics.received, labels).raiseTo(frames.received);
      this.#registry.counter(deviceMetrics.superseded, labels).raiseTo(frames.superseded);
      for (const reason of dropReasons)
        if (frames.dropped[reason] > 0)
          this.#registry
            .counter(deviceMetrics.dropped, { ...labels, reason })
            .raiseTo(frames.dropped[reason]);
      for (const reason of skipReasons)
        if (frames.skipped[reason] > 0)
          this.#registry
            .counter(deviceMetrics.skipped, { ...labels, reason })
            .raiseTo(frames.skipped[reason]);
      this.#gaugeOfModel(deviceMetrics.fps, labels, detector).set(framesPerSecond);
      this.#registry.gauge(deviceMetrics.queue, labels).set(frames.waiting + frames.inFlight);
    }
  }

  #sampleNode({ camera, node, slot, frames, agreement }: NodeStats): void {
    const labels = { camera, node, slot };
    this.#registry.counter(deviceMetrics.nodeProcessed, labels).raiseTo(frames.processed);
    for (const reason of dropReasons)
      if (frames.dropped[reason] > 0)
        this.#registry
          .counter(deviceMetrics.nodeDropped, { ...labels, reason })
          .raiseTo(frames.dropped[reason]);
    if (agreement === undefined) return;
    const gauges: Gauge[] = [];
    for (const [metric, value] of [
      [deviceMetrics.shadowFrames, agreement.frames],
      [deviceMetrics.shadowDisagreements, agreement.disagreements],
      [deviceMetrics.shadowPrecision, agreement.precision],
      [deviceMetrics.shadowRecall, agreement.recall],
      [deviceMetrics.shadowClassFlips, agreement.classFlips],
      [deviceMetrics.shadowScoreDifference, agreement.scoreDifference],
      [deviceMetrics.shadowServeBoxes, agreement.serveBoxes],
      [deviceMetrics.shadowBoxes, agreement.shadowBoxes],
    ] as const) {
      const gauge = this.#registry.gauge(metric, { camera, slot });
      gauge.set(value);
      gauges.push(gauge);
    }
    this.#shadows.set(`${slot} ${camera}`, gauges);
  }

  /** The last values of a removed shadow are not current. */
  #forgetShadows(nodes: readonly NodeStats[]): void {
    const there = new Set(nodes.map(({ slot, camera }) => `${slot} ${camera}`));
    for (const [key, gauges] of this.#shadows) {
      if (there.has(key)) continue;
      for (const gauge of gauges) gauge.clear();
      this.#shadows.delete(key);
    }
  }

  #sampleHealth(health: SourceHealth, labels: Labels): void {
    const { connectedSinceMs, connects, bytes, decodeErrors, lastFrameAgeMs, memory } = health;
    this.#registry.gauge(deviceMetrics.cameraConnected, labels).set(connectedSinceMs === undefined ? 0 : 1);
    this.#registry.counter(deviceMetrics.cameraConnects, labels).raiseTo(connects);
    if (bytes !== undefined) this.#registry.counter(deviceMetrics.cameraBytes, labels).raiseTo(bytes);
    this.#registry.counter(deviceMetrics.cameraDecodeErrors, labels).raiseTo(decodeErrors);
    if (memory !== undefined) this.#sampleMemory(memory, labels);
    if (lastFrameAgeMs !== undefined)
      this.#registry.gauge(deviceMetrics.cameraFrameAge, labels).set(lastFrameAgeMs / 1000);
  }

  #sampleMemory({ inPlace, copied, mapped, held }: MemoryCounts, labels: Labels): void {
    this.#registry.counter(deviceMetrics.cameraInPlace, labels).raiseTo(inPlace);
    this.#registry.counter(deviceMetrics.cameraCopied, labels).raiseTo(copied);
    this.#registry.counter(deviceMetrics.cameraMapped, labels).raiseTo(mapped);
    this.#registry.gauge(deviceMetrics.cameraHeld, labels).set(held);
  }

  sampleProcess({ memory, ...others }: ProcessReadings, identity: DetectorIdentity): void {
    this.#gaugeOfModel(deviceMetrics.memory, {}, identity).set(memory);
    for (const [key, value] of Object.entries(others))
      this.#registry.gauge(deviceMetrics[key as keyof typeof others]).set(value);
  }

  sampleBoard({ temperatures, power, slowedBy, tegra }: BoardReadings): void {
    if (slowedBy !== undefined)
      this.#registry.gauge(deviceMetrics.boardSlowed).set(slowedBy.length > 0 ? 1 : 0);
    if (tegra !== undefined) sampleTegra(this.#registry, tegra);
    for (const { zone, celsius } of temperatures)
      this.#registry.gauge(deviceMetrics.temperature, { zone }).set(celsius);
    for (const { rail, watts } of power) this.#registry.gauge(deviceMetrics.power, { rail }).set(watts);
  }

  /** `nowMs`: monotonic. */
  sampleTargets(targets: TargetHost, nowMs: number): void {
    // An unchanged share of time is no news in each batch.
    const state = JSON.stringify([targets.ladder.level, targets.readings().map(({ kept }) => kept)]);
    if (state === this.#targetState && nowMs - this.#targetsSentMs < targetsEveryMs) return;
    this.#targetState = state;
    this.#targetsSentMs = nowMs;
    const promises = nowMs - this.#promisesSentMs >= promisesEveryMs;
    if (promises) this.#promisesSentMs = nowMs;
    sampleTargets(this.#registry, targets, promises);
  }

  /** `nowMs`: monotonic. */
  sampleBudget(budget: BudgetHost, nowMs: number): void {
    if (nowMs - this.#budgetSentMs < promisesEveryMs) return;
    this.#budgetSentMs = nowMs;
    sampleBudget(this.#registry, budget.readings());
  }

  /** `nowMs`: monotonic. */
  sampleStreams(readings: ReturnType<StreamHost['readings']>, nowMs: number): void {
    if (nowMs - this.#streamsSentMs < streamsEveryMs) return;
    this.#streamsSentMs = nowMs;
    for (const { stream, sent, leftOut } of readings) {
      this.#registry.counter(deviceMetrics.streamSent, { stream }).raiseTo(sent);
      for (const [reason, count] of Object.entries(leftOut))
        this.#registry.counter(deviceMetrics.streamLeftOut, { stream, reason }).raiseTo(count);
    }
  }

  /** `nowMs`: monotonic. */
  sampleClips(readings: ReturnType<ClipHost['readings']>, nowMs: number): void {
    if (nowMs - this.#clipsSentMs < streamsEveryMs) return;
    this.#clipsSentMs = nowMs;
    for (const { camera, count, bytes, ringBytes, writtenBytes, ringWrittenBytes, failed } of readings) {
      const labels = { camera };
      this.#registry.gauge(deviceMetrics.clips, labels).set(count);
      this.#registry.gauge(deviceMetrics.clipBytes, labels).set(bytes);
      this.#registry.gauge(deviceMetrics.clipRingBytes, labels).set(ringBytes);
      this.#registry.counter(deviceMetrics.clipBytesWritten, labels).raiseTo(writtenBytes);
      if (ringWrittenBytes > 0)
        this.#registry.counter(deviceMetrics.clipRingBytesWritten, labels).raiseTo(ringWrittenBytes);
      this.#registry.counter(deviceMetrics.clipsFailed, labels).raiseTo(failed);
    }
  }

  sampleDisk(disk: DiskReadings | undefined): void {
    if (disk === undefined) return;
    this.#registry.gauge(deviceMetrics.diskFree).set(disk.freeBytes);
    this.#registry.gauge(deviceMetrics.diskSize).set(disk.sizeBytes);
  }

  sampleOutbox({ entries, bytes }: OutboxStats): void {
    this.#registry.gauge(deviceMetrics.outboxEntries).set(entries);
    this.#registry.gauge(deviceMetrics.outboxBytes).set(bytes);
  }

  sampleRobot(readings: readonly RobotReading[]): void {
    for (const { name, field, value } of readings) {
      const fields = this.#robot.get(name) ?? new Map<string, Gauge>();
      this.#robot.set(name, fields);
      if (field === undefined) {
        for (const gauge of fields.values()) gauge.clear();
        continue;
      }
      const gauge = fields.get(field) ?? this.#registry.gauge(deviceMetrics.robot, { name, field });
      fields.set(field, gauge);
      gauge.set(value);
    }
  }

  /** `nowMs`: monotonic. */
  sampleDrift(readings: readonly DriftReading[], answers: KnownAnswerCounts, nowMs: number): void {
    for (const reading of readings) this.#sampleCamera(reading, nowMs);
    for (const [answer, count] of Object.entries(answers))
      if (count > 0) this.#registry.counter(deviceMetrics.knownAnswers, { answer }).raiseTo(count);
  }

  #sampleCamera(reading: DriftReading, nowMs: number): void {
    const { camera, incident, changedMs, score, signals, alarms, frames } = reading;
    const labels = { camera };
    for (const { verdict, grade, count } of alarms)
      this.#registry.counter(deviceMetrics.driftAlarms, { ...labels, verdict, grade }).raiseTo(count);
    const sent = this.#driftSentMs.get(camera) ?? {
      score: Number.NEGATIVE_INFINITY,
      signals: Number.NEGATIVE_INFINITY,
    };
    this.#driftSentMs.set(camera, sent);
    const news = incident || nowMs - changedMs < driftNewsMs;
    if (news || nowMs - sent.score >= driftScoreEveryMs) {
      sent.score = nowMs;
      if (score !== undefined) this.#registry.gauge(deviceMetrics.driftScore, labels).set(score);
    }
    if (!news && nowMs - sent.signals < driftSignalsEveryMs) return;
    sent.signals = nowMs;
    this.#registry.gauge(deviceMetrics.driftIncident, labels).set(incident ? 1 : 0);
    for (const { name, deviations } of signals)
      this.#registry.gauge(deviceMetrics.driftSignal, { ...labels, signal: name }).set(deviations);
    if (frames === undefined) return;
    this.#registry.gauge(deviceMetrics.hardFrames, labels).set(frames.count);
    this.#registry.gauge(deviceMetrics.hardFrameBytes, labels).set(frames.bytes);
  }

  /** A payload that came in and was refused. */
  refusedPayload(kind: string): void {
    this.#registry.counter(deviceMetrics.refusedPayloads, { kind }).add(1);
  }

  #stream(camera: string, slot: string, identity: DetectorIdentity): StreamInstruments {
    const key = `${slot} ${camera}`;
    const known = this.#streams.get(key);
    if (known !== undefined && known.identity.digest === identity.digest) return known;
    const labels = { camera, ...modelLabels(identity), ...(slot === mainSlot ? {} : { slot }) };
    const seconds = (metric: MetricRow) => this.#registry.histogram(metric, labels);
    const stream: StreamInstruments = {
      identity,
      processed: this.#registry.counter(deviceMetrics.processed, labels),
      detections: this.#registry.counter(deviceMetrics.detections, labels),
      latency: seconds(deviceMetrics.latency),
      preprocess: seconds(deviceMetrics.preprocess),
      infer: seconds(deviceMetrics.infer),
      postprocess: seconds(deviceMetrics.postprocess),
    };
    this.#streams.set(key, stream);
    return stream;
  }

  #gaugeOfModel(metric: MetricRow, labels: Labels, identity: DetectorIdentity): Gauge {
    const key = JSON.stringify([metric.name, labels]);
    const known = this.#ofModel.get(key);
    if (known?.digest === identity.digest) return known.gauge;
    known?.gauge.clear();
    const gauge = this.#registry.gauge(metric, { ...labels, ...modelLabels(identity) });
    this.#ofModel.set(key, { digest: identity.digest, gauge });
    return gauge;
  }
}

function modelLabels({ model, version }: DetectorIdentity): Labels {
  return { model, version };
}
