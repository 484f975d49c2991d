import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import type { DetectionSink, Pipeline } from '../../perception/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { BoardReadings, TargetHost, TargetReading } from '../ports.ts';
import { BoardConditions } from './conditions.ts';
import { PromiseRecord } from './promise-record.ts';
import { stepWords } from './steps.ts';
import { TargetControl, type TargetControlOptions } from './target-control.ts';
import { keptEvent, ladderEvent, missedEvent } from './target-events.ts';
import { CameraWindows } from './windows.ts';

/** What of the pipeline is looked at, and thinned. */
export type TargetedPipeline = Pick<Pipeline, 'stats' | 'thin' | 'cameras'>;

export interface TargetServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** The pipeline comes after its sinks. */
  readonly pipeline: () => TargetedPipeline | undefined;
  readonly board: () => Promise<BoardReadings>;
  /** Share of all cores that other programs keep busy, since the last call. */
  readonly othersShare: () => number | undefined;
  /** Puts a lighter model in the usual one's place, or (undefined) the usual one back. False: not now. */
  readonly useModel?: (model: string | undefined) => Promise<boolean>;
}

const windowMs = 5_000;

/**
 * Looks at what was promised of every camera, says what is missed and why, and takes steps of the ladder.
 *
 * INVARIANTS
 * - What the pipeline leaves out is what the steps say that are taken, and nothing after `close`.
 * - A board that can't be read, or hangs, costs its conditions and no window.
 */
export class TargetService implements TargetHost {
  readonly #ports: TargetServicePorts;
  readonly #options: TargetControlOptions;
  readonly #control: TargetControl;
  readonly #windows = new CameraWindows();
  readonly #conditions = new BoardConditions();
  readonly #records: ReadonlyMap<string, PromiseRecord>;
  readonly #listeners = new Set<() => void>();
  readonly #cancel: Cancel;
  #board: BoardReadings = { temperatures: [], power: [] };
  #readingBoard = false;
  #model: string | undefined;
  #changingModel = false;

  constructor(options: TargetControlOptions, ports: TargetServicePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#control = new TargetControl(options);
    this.#records = new Map(
      [...options.promises].map(([camera, promise]) => [camera, new PromiseRecord(promise)]),
    );
    this.#cancel = ports.clock.every(windowMs, () => this.#look());
  }

  /** Give this to the pipeline as one of its sinks. */
  get sink(): DetectionSink {
    return this.#windows;
  }

  /** Live pictures a second at most; undefined: as many as are asked for. */
  previewFps(camera: string): number | undefined {
    return this.#control.degradation.previewFps.get(camera);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  readings(): readonly TargetReading[] {
    const { off } = this.#control.degradation;
    return [...this.#records].map(([camera, record]) => ({
      camera,
      ...record.reading,
      ...(off.has(camera) ? { leftOut: true } : {}),
    }));
  }

  get ladder(): { readonly level: number; readonly steps: number; readonly taken: readonly string[] } {
    const { steps } = this.#options;
    const { level } = this.#control;
    return { level, steps: steps.length, taken: steps.slice(0, level).map(stepWords) };
  }

  close(): void {
    this.#cancel();
    const pipeline = this.#ports.pipeline();
    for (const camera of pipeline?.cameras ?? []) pipeline?.thin(camera, undefined);
  }

  #look(): void {
    const { clock, pipeline, othersShare } = this.#ports;
    void this.#readBoard();
    const live = pipeline();
    if (live === undefined) return;
    const nowMs = clock.monotonicMs();
    const windows = this.#windows.cut(live.stats().cameras, nowMs);
    const { conditions, events } = this.#conditions.next(this.#board, othersShare(), nowMs);
    for (const event of events) this.#ports.reportEvent(event);
    const { verdicts, move } = this.#control.decide(windows, conditions, nowMs);
    for (const [camera, record] of this.#records) {
      const verdict = verdicts.find((one) => one.camera === camera);
      const change = record.next(verdict, windowMs / 1000, nowMs);
      if (change === undefined) continue;
      const event = change.kept ? keptEvent(camera, change.forMs) : missedEvent(change.verdict);
      this.#ports.reportEvent(event);
      this.#changed();
    }
    if (move !== undefined) {
      this.#ports.reportEvent(ladderEvent(move, this.#control.level, this.#options.steps));
      if (move !== 'bottom') this.#apply(live);
      this.#changed();
    }
    void this.#applyModel();
  }

  #apply(pipeline: TargetedPipeline): void {
    const { thinning } = this.#control.degradation;
    for (const camera of pipeline.cameras) pipeline.thin(camera, thinning.get(camera));
  }

  /** Tried again with every window until it is so: a deployment may have the engine just now. */
  async #applyModel(): Promise<void> {
    const { useModel, log } = this.#ports;
    const { model } = this.#control.degradation;
    if (model === this.#model || useModel === undefined || this.#changingModel) return;
    this.#changingModel = true;
    try {
      if (await useModel(model)) this.#model = model;
    } catch (error) {
      log.warn('The model of this step does not serve', { model, reason: describeError(error) });
      // Not again until the ladder moves: what can't be opened now can't be opened in five seconds.
      this.#model = model;
    } finally {
      this.#changingModel = false;
    }
  }

  async #readBoard(): Promise<void> {
    if (this.#readingBoard) return;
    this.#readingBoard = true;
    try {
      this.#board = await this.#ports.board();
    } catch (error) {
      this.#ports.log.debug('The board was not read', { reason: describeError(error) });
    } finally {
      this.#readingBoard = false;
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
