import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import { type Thumbnail, thumbnail } from '../../drift/index.ts';
import type { DetectionSink, Frame, PerceptionResult } from '../../perception/index.ts';
import type { CallRequestOf, CallResultOf, DriftSettings, DriftStatus } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { CameraMonitor } from './camera-monitor.ts';
import { CanaryProbe, type KnownAnswerCounts } from './canary-probe.ts';
import { HardFrameRecorder } from './frames/hard-frame-recorder.ts';
import { usualFrameSettings } from './frames/policy.ts';
import type { EncodeFrame, FrameStore, KnownAnswers, NewLearner, ProfileStore } from './ports.ts';
import { type DriftReading, driftReading } from './reading.ts';

export interface DriftServicePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly profiles: ProfileStore;
  readonly newLearner: NewLearner;
  readonly frames: FrameStore;
  readonly encode: EncodeFrame;
  /** Absent: no frame with a known answer is asked. */
  readonly answers?: KnownAnswers;
  readonly reportEvent: (event: AgentEvent) => void;
  /** Score from which a box of this camera is reported. */
  readonly threshold: (camera: string) => number;
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
 * frames, and asks the live model what it must know. A sink of the pipeline: per frame it samples a thumbnail (some
 * 0.07 ms) and compares; everything longer happens in other threads.
 */
export class DriftService implements DetectionSink {
  readonly #options: DriftServiceOptions;
  readonly #ports: DriftServicePorts;
  readonly #watches = new Map<string, CameraMonitor>();
  readonly #unreadable = new Set<string>();
  readonly #keeper: HardFrameRecorder;
  readonly #answers: CanaryProbe;
  readonly #cancels: Cancel[] = [];
  #onChange: () => void = () => {};

  private constructor(options: DriftServiceOptions, ports: DriftServicePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#keeper = new HardFrameRecorder({ ...ports, store: ports.frames });
    this.#answers = new CanaryProbe(options.knownAnswerMinutes, {
      ...ports,
      onWrong: () => {
        for (const watch of this.#watches.values()) watch.suspectModel(ports.clock.monotonicMs());
      },
      onChange: () => this.#onChange(),
    });
  }

  /** Reads what earlier lives of the agent learned and kept, then watches. */
  static async start(options: DriftServiceOptions, ports: DriftServicePorts): Promise<DriftService> {
    const desk = new DriftService(options, ports);
    await desk.#keeper.open();
    const followed = await ports.profiles.followed();
    for (const [camera, settings] of Object.entries(options.cameras)) {
      const watch = new CameraMonitor(
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

  #set(camera: string, watch: CameraMonitor, settings: DriftSettings): void {
    this.#keeper.configure(camera, { ...usualFrameSettings, ...settings.frames });
    watch.configure(settings);
  }

  #tick(): void {
    const atMs = this.#ports.clock.monotonicMs();
    for (const watch of this.#watches.values()) watch.elapsed(atMs);
    this.#keeper.tick();
  }

  /** Compressed frames are decoded in the engine's own thread; its result brings a sampled thumbnail. */
  #thumbnail(frame: Frame, { thumbnail: sampled }: PerceptionResult): Thumbnail | undefined {
    const { camera, encoding, width, height, step, pixels } = frame;
    if (this.#unreadable.has(camera)) return undefined;
    const image = encoding === 'jpeg' ? sampled : { data: pixels.data, width, height, step, encoding };
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
