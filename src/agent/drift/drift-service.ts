import { type Cancel, type Clock, defined, InputError, type Log, RefusedError } from '../../base/index.ts';
import type { WatchedAreas } from '../../drift/index.ts';
import {
  type CameraRules,
  type DetectionSink,
  type Disagreement,
  type Frame,
  noRules,
  type PerceptionResult,
  type Thumbnail,
  thumbnailHeight,
  thumbnailWidth,
} from '../../perception/index.ts';
import {
  type CallRequestOf,
  type CallResultOf,
  type DriftSettings,
  type DriftStatus,
  mainSlot,
} from '../../protocol/index.ts';
import { cellsUnderPolygons } from '../covered-cells.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { PrivacyRule } from '../privacy.ts';
import { CameraMonitor } from './camera-monitor.ts';
import { CanaryProbe, type KnownAnswerCounts } from './canary-probe.ts';
import { HardFrameRecorder } from './frames/hard-frame-recorder.ts';
import { usualFrameSettings } from './frames/policy.ts';
import type { EncodeFrame, FrameStore, KnownAnswers, NewLearner, ProfileStore } from './ports.ts';
import { type DriftReading, driftReading } from './reading.ts';
import { watchedAreas } from './watched-areas.ts';

export interface DriftServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly profiles: ProfileStore;
  readonly newLearner: NewLearner;
  readonly frames: FrameStore;
  readonly encode: EncodeFrame;
  /** What may be seen of hard frames; default: what the fleet wants. */
  readonly privacy?: PrivacyRule | undefined;
  /** Absent: no frame with a known answer is asked. */
  readonly answers?: KnownAnswers;
  readonly reportEvent: (event: AgentEvent) => void;
  /** The golden set went through the live engine. */
  readonly onKnownAnswer?: (right: boolean) => void;
  /** Score from which a box of this camera is reported. */
  readonly threshold: (camera: string) => number;
  /** Zones of a camera as they are in force; absent: none. */
  readonly rules?: (camera: string) => CameraRules;
  /** Default: each is. A camera that was switched off sends no frames, and that is no fault. */
  readonly isOn?: (camera: string) => boolean;
}

export interface DriftServiceOptions {
  /** By camera, as the device was started. */
  readonly cameras: Readonly<Record<string, DriftSettings>>;
  readonly utcOffsetHours: number;
  /** 0: never. */
  readonly knownAnswerMinutes: number;
}

/**
 * Watches every camera of the device for sensor faults and drift, learns what is usual where it is ordered to, keeps hard
 * frames, and asks the live model what it must know. A sink of the pipeline: per frame it compares the thumbnail that the
 * detector made; everything longer happens in other threads.
 */
export class DriftService implements DetectionSink {
  readonly #ports: DriftServicePorts;
  readonly #monitors = new Map<string, CameraMonitor>();
  readonly #own: Map<string, DriftSettings>;
  /** In force when a camera was configured. */
  readonly #rules = new Map<string, CameraRules>();
  readonly #unreadable = new Set<string>();
  readonly #maskedCells = new Map<string, Uint8Array>();
  readonly #hardFrames: HardFrameRecorder;
  readonly #answers: CanaryProbe;
  readonly #cancels: Cancel[] = [];
  #onChange: () => void = () => {};

  private constructor(options: DriftServiceOptions, ports: DriftServicePorts) {
    this.#own = new Map(Object.entries(options.cameras));
    this.#ports = ports;
    this.#hardFrames = new HardFrameRecorder({ ...ports, store: ports.frames });
    this.#answers = new CanaryProbe(options.knownAnswerMinutes, {
      ...ports,
      onChange: () => this.#onChange(),
      onAnswer: (answer) => {
        for (const monitor of this.#monitors.values()) monitor.knownAnswer(answer, ports.clock.monotonicMs());
        if (answer.agreement !== undefined) ports.onKnownAnswer?.(answer.right);
      },
    });
  }

  /** Reads what earlier runs of the agent learned and kept, then watches. */
  static async start(options: DriftServiceOptions, ports: DriftServicePorts): Promise<DriftService> {
    const service = new DriftService(options, ports);
    await service.#hardFrames.open();
    const followed = await ports.profiles.followed();
    for (const [camera, settings] of Object.entries(options.cameras)) {
      const monitor = new CameraMonitor(
        { camera, utcOffsetHours: options.utcOffsetHours, followed: followed.get(camera) },
        { ...ports, onChange: () => service.#onChange(), onAlarm: () => service.#hardFrames.alarm(camera) },
      );
      service.#monitors.set(camera, monitor);
      service.#set(camera, monitor, settings);
    }
    // A camera that sends no frames triggers no callback, so a timer looks.
    service.#cancels.push(ports.clock.every(1000, () => service.#tick()));
    service.#answers.start();
    return service;
  }

  /** One listener: whoever reports the state of the device. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Other settings of its own for a camera; in force with the next `configure`. */
  rebase(camera: string, own: DriftSettings): void {
    if (this.#monitors.has(camera)) this.#own.set(camera, own);
  }

  /** What the fleet wants, over the device's own settings. */
  configure(camera: string, wanted: DriftSettings): void {
    const monitor = this.#monitors.get(camera);
    if (monitor === undefined) return;
    this.#set(camera, monitor, mergeDrift(this.#own.get(camera) ?? {}, wanted));
  }

  /** Of the slot `main` alone: what two models see on one camera is no series. */
  publish(result: PerceptionResult, frame: Frame): void {
    if ((result.slot ?? mainSlot) !== mainSlot) return;
    const monitor = this.#monitors.get(result.camera);
    if (monitor === undefined || monitor.settings.watch === false) return;
    if (this.#rules.get(result.camera) !== this.#rulesOf(result.camera))
      this.#set(result.camera, monitor, monitor.settings);
    // The network is watched, not what the fleet wants to see of its answers.
    const { unfiltered: detections = result.detections } = result;
    const watched = { ...result, detections };
    monitor.observe(this.#thumbnail(result), watched, this.#ports.clock.monotonicMs());
    this.#hardFrames.publish(result, frame, this.#ports.threshold(result.camera));
  }

  /** A shadow found something else than the model that serves. */
  disagree(disagreement: Disagreement): void {
    if (this.#monitors.get(disagreement.camera)?.settings.watch === false) return;
    this.#hardFrames.disagree(disagreement);
  }

  statuses(): Record<string, DriftStatus> {
    const knownAnswer = this.#answers.last;
    return Object.fromEntries(
      [...this.#monitors].map(([camera, monitor]) => {
        const hardFrames = this.#hardFrames.stats(camera);
        return [
          camera,
          {
            ...monitor.status(),
            ...defined({ knownAnswer, hardFrames }),
          },
        ];
      }),
    );
  }

  /** True while a camera learns: its progress is worth a report now and then. */
  get learning(): boolean {
    return [...this.#monitors.values()].some(({ learning }) => learning);
  }

  readings(): DriftReading[] {
    return [...this.#monitors].map(([camera, monitor]) =>
      driftReading(camera, monitor, this.#hardFrames.stats(camera)),
    );
  }

  get answered(): KnownAnswerCounts {
    return this.#answers.counts;
  }

  listFrames(request: CallRequestOf<'frames'>): Promise<CallResultOf<'frames'>> {
    return this.#hardFrames.list(request);
  }

  framePiece(request: CallRequestOf<'frame'>): Promise<CallResultOf<'frame'>> {
    return this.#hardFrames.piece(request);
  }

  async challenge(request: CallRequestOf<'challenge'>): Promise<CallResultOf<'challenge'>> {
    const { answers } = this.#ports;
    if (answers !== undefined) return answers.challenge(request);
    throw new RefusedError(
      'challenge-refused',
      'The agent of this device is too old for challenges.',
      'Update its agent.',
    );
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#answers.close();
    for (const monitor of this.#monitors.values()) monitor.close();
    await this.#hardFrames.close();
  }

  #set(camera: string, monitor: CameraMonitor, settings: DriftSettings): void {
    this.#hardFrames.configure(camera, { ...usualFrameSettings, ...settings.frames });
    monitor.configure(settings, this.#areasOf(camera, settings));
  }

  #rulesOf(camera: string): CameraRules {
    return this.#ports.rules?.(camera) ?? noRules;
  }

  #areasOf(camera: string, settings: DriftSettings): WatchedAreas | InputError | undefined {
    const rules = this.#rulesOf(camera);
    this.#rules.set(camera, rules);
    try {
      return watchedAreas(camera, settings, rules);
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  }

  #tick(): void {
    const atMs = this.#ports.clock.monotonicMs();
    for (const [camera, monitor] of this.#monitors)
      if (this.#ports.isOn?.(camera) ?? true) monitor.elapsed(atMs);
    this.#hardFrames.tick();
  }

  #masked(camera: string, seen: Thumbnail): Thumbnail {
    const polygons = this.#ports.privacy?.masks(camera) ?? [];
    if (polygons.length === 0) return seen;
    const grid = { columns: thumbnailWidth, rows: thumbnailHeight };
    const cells = this.#maskedCells.get(camera) ?? cellsUnderPolygons(polygons, grid);
    this.#maskedCells.set(camera, cells);
    return blackened(seen, cells);
  }

  /** Made by the detector, in the thread that reads the pixels. */
  #thumbnail({ camera, thumbnail }: PerceptionResult): Thumbnail | undefined {
    if (thumbnail !== undefined) return this.#masked(camera, thumbnail);
    if (!this.#unreadable.has(camera)) {
      this.#unreadable.add(camera);
      this.#ports.log.warn('The health of the sensor of this camera is not checked', {
        camera,
        reason: 'its detector cannot read the pixels, or they are too few',
      });
    }
    return undefined;
  }
}

/** Nothing of what is always black is in a view that is sent, or in a profile that is learned. */
function blackened({ grey, detail, ...rest }: Thumbnail, cells: Uint8Array): Thumbnail {
  const keep = (values: Uint8Array) => values.map((value, cell) => (cells[cell] === 1 ? 0 : value));
  return { ...rest, grey: keep(grey), detail: keep(detail) };
}

/** Field by field, and one level deeper for the frames: an order that names one setting leaves the others. */
export function mergeDrift(own: DriftSettings, wanted: DriftSettings): DriftSettings {
  const frames = { ...own.frames, ...wanted.frames };
  return { ...own, ...wanted, ...(Object.keys(frames).length === 0 ? {} : { frames }) };
}
