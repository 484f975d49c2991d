import { asGoshawkError, type Clock, type GoshawkError, InputError, type Log } from '../../../base/index.ts';
import type { Detection, Disagreement, Frame, PerceptionResult } from '../../../perception/index.ts';
import {
  type CallRequestOf,
  type CallResultOf,
  frameChunkBytes,
  type HardFrame,
} from '../../../protocol/index.ts';
import type { AgentEvent } from '../../event-reporter.ts';
import { KeptRing } from '../../kept/kept-ring.ts';
import { foundLabels, type PictureMode, type PrivacyRule } from '../../privacy.ts';
import { privateBoxes } from '../../private-boxes.ts';
import type { EncodeFrame, FrameEntry, FrameStore } from '../ports.ts';
import {
  type CaptureReason,
  DailyBytes,
  FramePolicy,
  type FramePolicySettings,
  usualFrameSettings,
} from './policy.ts';
import { wireDetections } from './wire.ts';

export interface HardFrameRecorderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly store: FrameStore;
  readonly encode: EncodeFrame;
  /** The device's own rule; default: what the fleet wants. */
  readonly privacy?: PrivacyRule | undefined;
  readonly reportEvent: (event: AgentEvent) => void;
}

interface Camera {
  readonly policy: FramePolicy;
  readonly daily: DailyBytes;
  /** From before an alarm, in memory. */
  ahead: { readonly frame: HardFrame; readonly jpeg: Uint8Array } | undefined;
  /** Of the next picture of an alarm, promised to its event. */
  promised: string | undefined;
  busy: boolean;
  /** No picture of it may be seen, so none is kept. */
  hidden: boolean;
  blurs: boolean;
  settings: FramePolicySettings;
}

interface SeenFrame {
  readonly reason: CaptureReason;
  readonly modelDigest: string;
  readonly detections: readonly Detection[];
  readonly sought: readonly Detection[];
  readonly shadow?: { readonly modelDigest: string; readonly detections: readonly Detection[] };
}

const dayMs = 86_400_000;
/** After the disk refused, it is left alone for so long. */
const diskRestMs = 600_000;
const sweepMs = 3_600_000;
/** Of one page: what `response` may hold, with room for its frame. */
const pageBytes = 200_000;

/**
 * Keeps the pictures that are worth a label in a ring on the disk.
 *
 * What could go wrong, and what happens
 * - the ring is full: the oldest go, those of alarms last; a day's bytes are used up: nothing more is kept until later
 * - the disk is full or fails: told once, left alone for ten minutes, told again when it takes frames again
 * - a picture can't be made (an encoding that is not read): logged once for the camera, nothing is kept of it
 * - pictures come faster than they can be written: one is under way per camera, the others are let go
 * - the agent is killed while it writes: a picture without its description is thrown away at the next start
 */
export class HardFrameRecorder {
  readonly #ports: HardFrameRecorderPorts;
  readonly #cameras = new Map<string, Camera>();
  readonly #unreadable = new Set<string>();
  #ring: KeptRing<FrameEntry> | undefined;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #diskFailed = false;
  #sweptMs = Number.NEGATIVE_INFINITY;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: HardFrameRecorderPorts) {
    this.#ports = ports;
  }

  /** Reads what is on the disk. A disk that can't be read keeps nothing, and says so. */
  async open(): Promise<void> {
    try {
      this.#ring = new KeptRing(await this.#ports.store.open(), ({ reason }) => reason === 'alarm');
    } catch (error) {
      this.#refused(asGoshawkError(error, 'frames-failed'));
    }
  }

  configure(camera: string, settings: FramePolicySettings): void {
    const known = this.#cameras.get(camera);
    if (known !== undefined) known.settings = settings;
    else this.#cameras.set(camera, this.#newCamera(camera, settings));
  }

  /** An incident began: the id of the first picture of it, unless none will be kept. */
  alarm(camera: string): string | undefined {
    const known = this.#cameras.get(camera);
    if (
      known === undefined ||
      this.#ring === undefined ||
      !known.settings.keep ||
      known.hidden ||
      this.#resting
    )
      return undefined;
    known.policy.alarm(this.#ports.clock.monotonicMs());
    this.#keepAhead(known);
    known.promised ??= this.#ring.newId(this.#ports.clock.wallMs());
    return known.promised;
  }

  /** One frame and what was seen on it. The pixels are read within the call, or not at all. */
  publish(result: PerceptionResult, frame: Frame, threshold: number): void {
    const known = this.#cameras.get(result.camera);
    if (known === undefined || this.#ring === undefined || !known.settings.keep) return;
    const mode = this.#mode(known, result.camera, foundLabels(result.identity));
    known.hidden = mode === 'boxes';
    known.blurs = mode !== 'plain';
    if (known.hidden) return;
    if (known.busy || this.#resting || this.#unreadable.has(result.camera)) return;
    const atMs = this.#ports.clock.monotonicMs();
    const scores = result.detections.map(({ score }) => score);
    const reason = known.policy.reasonToCapture(atMs, scores, threshold, known.settings);
    if (reason === undefined) return;
    const { detections, sought = [], identity } = result;
    this.#begin(known, frame, { reason, modelDigest: identity.digest, detections, sought });
  }

  /** A shadow sees something else: worth a label, as a doubtful box is. Not before a frame of the camera was published. */
  disagree({ camera, frame, serving, identity, serve, shadow, sought = [] }: Disagreement): void {
    const known = this.#cameras.get(camera);
    if (known === undefined || this.#ring === undefined || !known.settings.keep || known.hidden) return;
    const mode = this.#mode(known, camera, foundLabels(serving));
    if (mode === 'boxes') return;
    known.blurs ||= mode !== 'plain';
    if (known.busy || this.#resting || this.#unreadable.has(camera)) return;
    if (!known.policy.takesDisagreement(this.#ports.clock.monotonicMs())) return;
    const seen = { reason: 'low-margin', modelDigest: serving.digest, detections: serve, sought } as const;
    this.#begin(known, frame, { ...seen, shadow: { modelDigest: identity.digest, detections: shadow } });
  }

  #begin(known: Camera, frame: Frame, seen: SeenFrame): void {
    known.busy = true;
    const work = this.#take(known, frame, seen).finally(() => {
      known.busy = false;
    });
    this.#working = this.#working.then(() => work);
  }

  stats(camera: string): { readonly count: number; readonly bytes: number } | undefined {
    const known = this.#cameras.get(camera);
    const held = this.#ring?.of(camera);
    return held === undefined || (known?.settings.keep !== true && held.count === 0) ? undefined : held;
  }

  async list({ camera, after, limit }: CallRequestOf<'frames'>): Promise<CallResultOf<'frames'>> {
    const ring = this.#ring;
    if (ring === undefined) return { frames: [], more: false, total: { count: 0, bytes: 0 } };
    const { entries, more } = ring.page(camera, after, limit);
    const frames: HardFrame[] = [];
    let bytes = 0;
    for (const { id } of entries) {
      const frame = await this.#ports.store.meta(id).catch(() => undefined);
      if (frame === undefined) {
        // Gone behind our back.
        ring.remove(id);
        continue;
      }
      bytes += JSON.stringify(frame).length;
      if (bytes > pageBytes) return { frames, more: true, total: ring.total };
      frames.push(frame);
    }
    return { frames, more, total: ring.total };
  }

  async piece({ id, offset }: CallRequestOf<'frame'>): Promise<CallResultOf<'frame'>> {
    if (this.#ring?.has(id) !== true) {
      throw new InputError(
        'frame-unknown',
        `This device has no hard frame ${id}.`,
        'It may have made room for newer ones. List the frames again.',
      );
    }
    return this.#ports.store.piece(id, offset, frameChunkBytes);
  }

  /** About once a second. */
  tick(): void {
    const { clock } = this.#ports;
    const atMs = clock.monotonicMs();
    if (this.#ring === undefined || atMs - this.#sweptMs < sweepMs) return;
    this.#sweptMs = atMs;
    const old = this.#ring.outlived(
      clock.wallMs(),
      atMs,
      (camera) => (this.#cameras.get(camera)?.settings ?? usualFrameSettings).days,
    );
    this.#working = this.#working.then(() => this.#drop(old));
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    for (const camera of this.#cameras.values()) camera.settings = { ...camera.settings, keep: false };
    await this.#working;
  }

  get #resting(): boolean {
    return this.#ports.clock.monotonicMs() < this.#restUntilMs;
  }

  /** The stricter of what the device's own rule says and what the fleet wants. */
  #mode({ settings: { blur } }: Camera, camera: string, labels: readonly string[]): PictureMode {
    return this.#ports.privacy?.frames(camera, blur, labels) ?? (blur ? 'blurred' : 'plain');
  }

  #hidden(seen: Parameters<PrivacyRule['hidden']>[0]): ReturnType<PrivacyRule['hidden']> {
    return (
      this.#ports.privacy?.hidden(seen) ??
      privateBoxes([...seen.detections, ...(seen.sought ?? [])], seen.width, seen.height)
    );
  }

  #newCamera(camera: string, settings: FramePolicySettings): Camera {
    const { clock, random } = this.#ports;
    const used = this.#ring?.since(camera, clock.wallMs() - dayMs) ?? 0;
    return {
      policy: new FramePolicy(random),
      daily: new DailyBytes(used, clock.monotonicMs()),
      ahead: undefined,
      promised: undefined,
      busy: false,
      hidden: false,
      blurs: true,
      settings,
    };
  }

  async #take(known: Camera, frame: Frame, seen: SeenFrame): Promise<void> {
    const { clock, encode } = this.#ports;
    const { camera, width, height } = frame;
    const { reason, modelDigest, detections, sought, shadow } = seen;
    const all = shadow === undefined ? detections : [...detections, ...shadow.detections];
    const hidden = known.blurs
      ? this.#hidden({ camera, detections: all, sought, width, height })
      : { boxes: [], labels: [] };
    const timeMs = Math.max(0, clock.wallMs());
    let jpeg: Uint8Array;
    try {
      jpeg = await encode(frame, hidden.boxes, this.#ports.privacy?.masks(camera) ?? []);
    } catch (error) {
      this.#unreadable.add(camera);
      this.#ports.log.warn('No hard frames of this camera', { camera, error });
      return;
    }
    const id = reason === 'alarm' ? this.#promised(known) : this.#ring!.newId(timeMs);
    const kept: HardFrame = {
      id,
      camera,
      timeMs,
      reason: reason === 'ahead' ? 'alarm' : reason,
      width,
      height,
      bytes: jpeg.length,
      blurred: [...hidden.labels].slice(0, 100),
      modelDigest,
      detections: wireDetections(detections),
      ...(shadow === undefined
        ? {}
        : { shadow: { modelDigest: shadow.modelDigest, detections: wireDetections(shadow.detections) } }),
    };
    if (reason === 'ahead') known.ahead = { frame: kept, jpeg };
    else await this.#keep(known, kept, jpeg);
  }

  /** The id that the event of the alarm names, for the first picture after it. */
  #promised(known: Camera): string {
    const id = known.promised ?? this.#ring!.newId(this.#ports.clock.wallMs());
    known.promised = undefined;
    return id;
  }

  #keepAhead(known: Camera): void {
    const { ahead } = known;
    known.ahead = undefined;
    if (ahead !== undefined)
      this.#working = this.#working.then(() => this.#keep(known, ahead.frame, ahead.jpeg));
  }

  async #keep(known: Camera, frame: HardFrame, jpeg: Uint8Array): Promise<void> {
    const { store, clock } = this.#ports;
    const ring = this.#ring!;
    const { settings } = known;
    const room = ring.makeRoom(frame.camera, jpeg.length, settings);
    if (room === undefined) return;
    if (!known.daily.take(jpeg.length, frame.reason, settings.bytesPerDay, clock.monotonicMs())) return;
    await this.#drop(room);
    try {
      await store.write(frame, jpeg);
    } catch (error) {
      this.#refused(asGoshawkError(error, 'frames-failed'));
      return;
    }
    const { id, camera, timeMs, reason, bytes } = frame;
    ring.add({ id, camera, timeMs, reason, bytes });
    if (!this.#diskFailed) return;
    this.#diskFailed = false;
    this.#ports.reportEvent({
      kind: 'frames.disk-recovered',
      severity: 'info',
      message: 'Hard frames are kept again.',
    });
  }

  async #drop(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        await this.#ports.store.remove(id);
        this.#ring?.remove(id);
      } catch (error) {
        this.#refused(asGoshawkError(error, 'frames-failed'));
        return;
      }
    }
  }

  #refused(error: GoshawkError): void {
    this.#restUntilMs = this.#ports.clock.monotonicMs() + diskRestMs;
    if (this.#diskFailed) return;
    this.#diskFailed = true;
    this.#ports.reportEvent({
      kind: 'frames.disk-failed',
      severity: 'error',
      message: `Hard frames are not kept: ${error.explain()}`,
      data: { code: error.code },
    });
  }
}
