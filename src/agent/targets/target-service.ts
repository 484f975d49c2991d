import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import type { DetectionSink, Pipeline } from '../../perception/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { BoardReadings, TargetHost, TargetReading } from '../ports.ts';
import { BoardConditions } from './conditions.ts';
import type { CameraWindow } from './promise.ts';
import { PromiseRecord } from './promise-record.ts';
import { stepWords } from './steps.ts';
import { TargetControl, type TargetControlOptions } from './target-control.ts';
import { keptEvent, ladderEvent, missedEvent, zoneUnknownEvent } from './target-events.ts';
import { type VariantHost, VariantSteps } from './variant-steps.ts';
import { CameraWindows } from './windows.ts';

/** What of the pipeline is looked at, and thinned. */
export type TargetedPipeline = Pick<Pipeline, 'stats' | 'thin' | 'overlay' | 'identities' | 'cameras'>;

export interface TargetServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** The pipeline comes after its sinks. */
  readonly pipeline: () => TargetedPipeline | undefined;
  readonly board: () => Promise<BoardReadings>;
  /** Share of all cores that other programs keep busy, since the last call. */
  readonly othersShare: () => number | undefined;
  /** Variants of the serving models; without them, steps about variants have no effect. */
  readonly variants?: VariantHost;
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
  readonly #variants: VariantSteps | undefined;
  /** Cameras whose promise names a zone that they do not have. */
  readonly #withoutZone = new Set<string>();
  /** What of each camera's graph is other than its settings say, as text. */
  readonly #overlaid = new Map<string, string>();

  constructor(options: TargetControlOptions, ports: TargetServicePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#control = new TargetControl(options);
    this.#records = new Map(
      [...options.promises].map(([camera, promise]) => [camera, new PromiseRecord(promise)]),
    );
    const { variants: host, reportEvent } = ports;
    this.#variants = host === undefined ? undefined : new VariantSteps({ host, reportEvent });
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
    this.#variants?.close();
    const pipeline = this.#ports.pipeline();
    for (const camera of pipeline?.cameras ?? []) pipeline?.thin(camera, undefined);
    for (const camera of this.#overlaid.keys()) pipeline?.overlay(camera, undefined);
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
    for (const window of windows) this.#expectZone(window);
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
    this.#overlay(live);
    const { variants } = this.#control.degradation;
    this.#variants?.apply(variants, live.identities().keys(), frameMs(windows), nowMs);
  }

  /** Told once, until the zone is there. */
  #expectZone({ camera, published, zones }: CameraWindow): void {
    const zone = this.#options.promises.get(camera)?.zone;
    if (zone === undefined || published === 0) return;
    if (zones.has(zone)) this.#withoutZone.delete(camera);
    else if (!this.#withoutZone.has(camera)) {
      this.#withoutZone.add(camera);
      this.#ports.reportEvent(zoneUnknownEvent(camera, zone, [...zones.keys()]));
    }
  }

  #apply(pipeline: TargetedPipeline): void {
    const { thinning } = this.#control.degradation;
    for (const camera of pipeline.cameras) pipeline.thin(camera, thinning.get(camera));
  }

  /** With every window: a slot may come, or go, while its step is taken. A slot that is not there blinds nobody. */
  #overlay(pipeline: TargetedPipeline): void {
    const { overlays } = this.#control.degradation;
    const slots = pipeline.identities();
    for (const camera of pipeline.cameras) {
      const wanted = overlays.get(camera);
      const missing = Object.values(wanted?.slots ?? {}).some((slot) => !slots.has(slot));
      const { slots: _, ...others } = wanted ?? {};
      const overlay = missing ? others : wanted;
      const text = JSON.stringify(overlay ?? {});
      if ((this.#overlaid.get(camera) ?? '{}') === text) continue;
      this.#overlaid.set(camera, text);
      pipeline.overlay(camera, text === '{}' ? undefined : overlay);
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

/** What a published frame took of the main model, over all cameras. */
function frameMs(windows: readonly CameraWindow[]): number | undefined {
  const frames = windows.reduce((sum, { published }) => sum + published, 0);
  const totalMs = windows.reduce((sum, { detectorMs }) => sum + detectorMs, 0);
  return frames === 0 ? undefined : totalMs / frames;
}
