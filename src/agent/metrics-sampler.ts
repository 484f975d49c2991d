import { type Clock, describeError, type Log } from '../base/index.ts';
import { encodePayload } from '../protocol/index.ts';
import type { BatchBuilder, InstrumentRegistry, Outbox } from '../telemetry/index.ts';
import type { Announcer } from './announcer.ts';
import type { MetricsCollector } from './metrics-collector.ts';
import type { AgentParts, Machine, PipelineHost } from './ports.ts';

export interface MetricsSamplerPorts {
  readonly metrics: MetricsCollector;
  readonly registry: InstrumentRegistry;
  readonly batches: BatchBuilder;
  readonly outbox: Outbox;
  readonly pipeline: PipelineHost;
  readonly machine: Machine;
  readonly parts: Pick<AgentParts, 'drift' | 'targets' | 'budget' | 'robot' | 'streams' | 'clips'>;
  /** Between two batches, where the budget has room. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly announcer: Pick<Announcer, 'refresh' | 'stayHeard'>;
}

/** Reads pipeline, process, board and drift, and puts what they say into the outbox as batches. */
export class MetricsSampler {
  readonly #ports: MetricsSamplerPorts;
  #sampling = false;

  constructor(ports: MetricsSamplerPorts) {
    this.#ports = ports;
  }

  /** Never rejects; does nothing while an earlier one still runs: a sensor that hangs must not let ticks pile up. */
  async sample(): Promise<void> {
    if (this.#sampling) return;
    const { everyMs, announcer } = this.#ports;
    const { budget } = this.#ports.parts;
    if (budget?.metricsDue(everyMs) === false) return announcer.stayHeard();
    if (budget?.metricsRoom === false) announcer.stayHeard();
    this.#sampling = true;
    try {
      await this.#read();
      await this.#keep();
    } catch (error) {
      this.#ports.log.warn('A batch of metrics was not kept', { reason: describeError(error) });
    } finally {
      this.#sampling = false;
    }
  }

  /** Cameras, frames and rates of now. */
  readCameras(): void {
    const { metrics, pipeline, clock } = this.#ports;
    metrics.samplePipeline(pipeline);
    metrics.sampleDetections(clock.monotonicMs());
  }

  async #read(): Promise<void> {
    this.readCameras();
    const { metrics, pipeline, machine, outbox, clock } = this.#ports;
    const { drift, targets, budget, robot, streams, clips } = this.#ports.parts;
    metrics.sampleProcess(machine.readProcess(), pipeline.identity);
    metrics.sampleOutbox(outbox.stats);
    metrics.sampleDisk(machine.readDisk());
    const board = await machine.readBoard();
    metrics.sampleBoard(board);
    if (budget !== undefined) {
      const { cameras } = pipeline.stats();
      budget.read(
        board,
        cameras.reduce((sum, { frames }) => sum + frames.processed, 0),
      );
      metrics.sampleBudget(budget, clock.monotonicMs());
    }
    if (targets !== undefined) metrics.sampleTargets(targets, clock.monotonicMs());
    if (clips !== undefined) metrics.sampleClips(clips.readings(), clock.monotonicMs());
    if (streams !== undefined) metrics.sampleStreams(streams.readings(), clock.monotonicMs());
    if (robot !== undefined) metrics.sampleRobot(robot.readings());
    // Last: short aliases go to what is sent most often.
    if (drift !== undefined) metrics.sampleDrift(drift.readings(), drift.answered, clock.monotonicMs());
  }

  async #keep(): Promise<void> {
    const { batches, registry, clock, outbox, announcer } = this.#ports;
    const built = batches.build(registry.collect(), Math.max(0, clock.wallMs()));
    // A batch is sent only when a birth with all of its aliases was sent before it.
    await announcer.refresh();
    for (const batch of built)
      await outbox.accept('metrics', batch.session, (entry) =>
        encodePayload('metrics', { ...batch, entry, historical: false }),
      );
  }
}
