import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import { type Thumbnail, thumbnail } from '../../drift/index.ts';
import type { DetectionSink, Frame, PerceptionResult } from '../../perception/index.ts';
import type { CallRequestOf, CallResultOf, DriftSettings, DriftStatus } from '../../protocol/index.ts';
import type { Occurrence } from '../event-reporter.ts';
import { CameraWatch } from './camera-monitor.ts';
import { FrameKeeper } from './frames/hard-frame-recorder.ts';
import { usualFrameSettings } from './frames/policy.ts';
import { type KnownAnswerCounts, KnownAnswerDesk } from './canary-probe.ts';
import type { EncodeFrame, FrameStore, KnownAnswers, NewLearner, ProfileStore } from './ports.ts';
import { type DriftReading, driftReading } from './reading.ts';

export interface DriftDeskPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly profiles: ProfileStore;
  readonly newLearner: NewLearner;
  readonly frames: FrameStore;
  readonly encode: EncodeFrame;
  /** Absent: no frame with a known answer is asked. */
  readonly answers?: KnownAnswers;
  readonly tell: (occurrence: Occurrence) => void;
  /** Score from which a box of this camera is reported. */
  readonly threshold: (camera: string) => number;
}

export interface DriftDeskOptions {
  /** By camera, as the device was started. */
  readonly cameras: Readonly<Record<string, DriftSettings>>;
  readonly utcOffsetHours: number;
  /** 0: never. */
  readonly knownAnswerMinutes: number;
}

/**
 * Watches every camera of the device for sensor faults and drift, learns what is usual where it is ordered to, keeps hard
 * frames, and asks the live model what it must know. A sink of the pipeline: per frame it samples a thumbnail (some
 * 0.07 ms) and compares; everything longer happens in other threads.
 */
export class DriftDesk implements DetectionSink {
  readonly #options: DriftDeskOptions;
  readonly #ports: DriftDeskPorts;
  readonly #watches = new Map<string, CameraWatch>();
  readonly #unreadable = new Set<string>();
  readonly #keeper: FrameKeeper;
  readonly #answers: KnownAnswerDesk;
  readonly #cancels: Cancel[] = [];
  #onChange: () => void = () => {};

  private constructor(options: DriftDeskOptions, ports: DriftDeskPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#keeper = new FrameKeeper({ ...ports, store: ports.frames });
    this.#answers = new KnownAnswerDesk(options.knownAnswerMinutes, {
      ...ports,
      onWrong: () => {
        for (const watch of this.#watches.values()) watch.suspectModel(ports.clock.monotonicMs());
      },
      onChange: () => this.#onChange(),
    });
  }

  /** Reads what earlier lives of the agent learned and kept, then watches. */
  static async start(options: DriftDeskOptions, ports: DriftDeskPorts): Promise<DriftDesk> {
    const desk = new DriftDesk(options, ports);
    await desk.#keeper.open();
    const followed = await ports.profiles.followed();
    for (const [camera, settings] of Object.entries(options.cameras)) {
      const watch = new CameraWatch(
        { camera, utcOffsetHours: options.utcOffsetHours, followed: followed.get(camera) },
        { ...ports, onChange: () => desk.#onChange(), onAlarm: () => desk.#keeper.alarm(camera) },
      );
      desk.#watches.set(camera, watch);
      desk.#set(camera, watch, settings);
    }
    // A camera that sends nothing calls nobody.
    desk.#cancels.push(ports.clock.every(1000, () => desk.#tick()));
    desk.#answers.start();
    return desk;
  }

  /** One listener: whoever reports the state of the device. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** What the fleet wants, over what the device was started with. */
  configure(camera: string, wanted: DriftSettings): void {
    const watch = this.#watches.get(camera);
    if (watch === undefined) return;
    this.#set(camera, watch, mergeDrift(this.#options.cameras[camera] ?? {}, wanted));
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const watch = this.#watches.get(result.camera);
    if (watch === undefined || watch.settings.watch === false) return;
    watch.observe(this.#thumbnail(frame, result), result, this.#ports.clock.monotonicMs());
    this.#keeper.publish(result, frame, this.#ports.threshold(result.camera));
  }

  statuses(): Record<string, DriftStatus> {
    const knownAnswer = this.#answers.last;
    return Object.fromEntries(
      [...this.#watches].map(([camera, watch]) => {
        const hardFrames = this.#keeper.stats(camera);
        return [
          camera,
          {
            ...watch.status(),
            ...(knownAnswer === undefined ? {} : { knownAnswer }),
            ...(hardFrames === undefined ? {} : { hardFrames }),
          },
        ];
      }),
    );
  }

  /** True while a camera learns: its progress is worth a report now and then. */
  get learning(): boolean {
    return [...this.#watches.values()].some(({ learning }) => learning);
  }

  readings(): DriftReading[] {
    return [...this.#watches].map(([camera, watch]) =>
      driftReading(camera, watch, this.#keeper.stats(camera)),
    );
  }

  get answered(): KnownAnswerCounts {
    return this.#answers.counts;
  }

  listFrames(request: CallRequestOf<'frames'>): Promise<CallResultOf<'frames'>> {
    return this.#keeper.list(request);
  }

  framePiece(request: CallRequestOf<'frame'>): Promise<CallResultOf<'frame'>> {
    return this.#keeper.piece(request);
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#answers.close();
    for (const watch of this.#watches.values()) watch.close();
    await this.#keeper.close();
  }

  #set(camera: string, watch: CameraWatch, settings: DriftSettings): void {
    this.#keeper.configure(camera, { ...usualFrameSettings, ...settings.frames });
    watch.configure(settings);
  }

  #tick(): void {
    const atMs = this.#ports.clock.monotonicMs();
    for (const watch of this.#watches.values()) watch.elapsed(atMs);
    this.#keeper.tick();
  }

  /** Compressed frames are decoded in the engine's own thread; it sends a look at them with its result. */
  #thumbnail(frame: Frame, { look }: PerceptionResult): Thumbnail | undefined {
    const { camera, encoding, width, height, step, pixels } = frame;
    if (this.#unreadable.has(camera)) return undefined;
    const image = encoding === 'jpeg' ? look : { data: pixels.data, width, height, step, encoding };
    if (image === undefined) return undefined;
    try {
      return thumbnail(image);
    } catch (error) {
      this.#unreadable.add(camera);
      this.#ports.log.warn('No look at the health of this camera', { camera, reason: describeError(error) });
      return undefined;
    }
  }
}

/** Field by field, and one level deeper for the frames: an order that names one setting leaves the others. */
export function mergeDrift(own: DriftSettings, wanted: DriftSettings): DriftSettings {
  const frames = { ...own.frames, ...wanted.frames };
  return { ...own, ...wanted, ...(Object.keys(frames).length === 0 ? {} : { frames }) };
}
