import { defined, type GoshawkError } from '../../base/index.ts';
import type { PerceptionResult } from '../detection.ts';
import type { Frame, FrameSource, SourceHealth } from '../frame.ts';
import { RuleCounter } from '../rules/index.ts';
import { type CameraSettings, checkSettings, defaultCameraSettings } from '../settings.ts';
import type { FrameCounts } from './frame-counts.ts';
import type { StreamStats } from './node-stream.ts';

/** A snapshot. Its numbers are those of the camera's main node. */
export interface CameraStats extends StreamStats {
  readonly camera: string;
  /** As they are in force: one that rests is not enabled. */
  readonly settings: CameraSettings;
  readonly frames: FrameCounts;
  /** Frames that the source itself lost: gaps of its sequence. */
  readonly lostBySource: number;
  /** Frames whose stamp is zero, old or far ahead: their latency counts from when they came. */
  readonly staleStamps: number;
  /** The present fault of the camera or of one of its nodes, in words. */
  readonly fault?: string;
  /** Of a supervised source: how its connection fares. */
  readonly health?: SourceHealth;
  readonly ended: boolean;
  /** Nodes of its graph that do not do their work as the models are now, in words; absent where all do. */
  readonly problems?: readonly { readonly node: string; readonly what: string }[];
}

/** A camera that was lost again sooner than this is told as back when it has stayed so long. */
const steadyMs = 10_000;

/** One camera of a pipeline: its source and its settings. */
export class CameraStream {
  readonly source: FrameSource;
  opened = false;
  /** No more frames will come. */
  ended = false;
  /** Its frames are not looked at, whatever its settings say. */
  resting = false;
  readonly #rules: RuleCounter;
  /** Whose tracks the rules count. */
  #counted: string | undefined;
  #settings: CameraSettings;
  #lastSequence: number | undefined;
  #lostBySource = 0;
  #staleStamps = 0;
  #lost: GoshawkError | undefined;
  /** It was lost again soon after it was back. */
  #flapping = false;
  #backMs = Number.NEGATIVE_INFINITY;
  /** The first frame since it was lost. */
  #steadySinceMs: number | undefined;

  /** `lostMs`: how long the tracker keeps a track that it does not see. */
  constructor(source: FrameSource, settings: Partial<CameraSettings>, lostMs?: number) {
    this.source = source;
    this.#settings = { ...defaultCameraSettings, ...settings };
    checkSettings(this.#settings);
    this.#rules = new RuleCounter(this.#settings.rules, lostMs);
  }

  get settings(): CameraSettings {
    return this.#settings;
  }

  /** Its frames are looked at. */
  get on(): boolean {
    return this.#settings.enabled && !this.resting;
  }

  configure(settings: Partial<CameraSettings>): void {
    const next = { ...this.#settings, ...settings };
    checkSettings(next);
    if (next.rules !== this.#settings.rules) this.#rules.configure(next.rules);
    this.#settings = next;
  }

  /** A result of the main node with what the rules say of it. */
  counted(result: PerceptionResult): PerceptionResult {
    if (this.#rules.isEmpty) return result;
    // Another node counts its tracks from one again.
    const ended = result.node === this.#counted ? [] : this.#rules.endTracks();
    this.#counted = result.node;
    const rules = this.#rules.update(result);
    return { ...result, rules: { ...rules, events: [...ended, ...rules.events] } };
  }

  received(frame: Frame): void {
    const last = this.#lastSequence;
    this.#lastSequence = frame.sequence;
    if (frame.staleStamp === true) this.#staleStamps += 1;
    // A sequence that starts again is a source that started again.
    if (last !== undefined && frame.sequence > last + 1) this.#lostBySource += frame.sequence - last - 1;
  }

  /** The camera is gone until a frame comes: true where that is news. */
  noteLost(error: GoshawkError, nowMs: number): boolean {
    const news = this.#lost === undefined;
    this.#lost = error;
    this.#flapping = !news || nowMs - this.#backMs < steadyMs;
    this.#steadySinceMs = undefined;
    return news;
  }

  /** A frame came: true when the camera was gone, and has stayed for a while where it had come and gone before. */
  noteBack(nowMs: number): boolean {
    if (this.#lost === undefined) return false;
    this.#steadySinceMs ??= nowMs;
    if (this.#flapping && nowMs - this.#steadySinceMs < steadyMs) return false;
    this.#lost = undefined;
    this.#backMs = nowMs;
    return true;
  }

  /** `main`: what its main node says; `fault`: of any of its nodes. */
  stats(
    main: { readonly frames: FrameCounts } & StreamStats & Pick<CameraStats, 'problems'>,
    fault: GoshawkError | undefined,
  ): CameraStats {
    const present = this.#lost ?? fault;
    const health = this.source.health?.();
    return {
      camera: this.source.camera,
      settings: this.resting ? { ...this.#settings, enabled: false } : this.#settings,
      ...main,
      lostBySource: this.#lostBySource,
      staleStamps: this.#staleStamps,
      ...(present ? { fault: present.explain() } : {}),
      ...defined({ health }),
      ended: this.ended,
    };
  }
}
