import type { Cancel, Clock } from '../../base/index.ts';
import type { Transform } from '../../ros2/index.ts';
import { type MissingPlace, missingPlace } from './missing-place.ts';
import type { TfListener } from './tf-listener.ts';

/** To which frame results of a camera are brought by tf. */
export interface TfTarget {
  readonly listener: TfListener;
  readonly frameId: string;
  /** A result waits for a transform for so long. */
  readonly waitMs: number;
  /** The newest transform may be so much older than a picture and still be used. */
  readonly toleranceMs: number;
}

/** What waits for where its frame is at its stamp. */
export interface WaitingResult {
  readonly stampNs: bigint;
  readonly frameId: string;
  readonly publish: (transform: Transform) => void;
}

/** A frame that is told now in time and now too late is no line of the log each time. */
const tellAgainMs = 10_000;

/** More results than come in the longest wait; the oldest one gives way. */
const most = 64;

/** Results of one camera in their order, each until its transform is known or its time is over. */
export class TransformQueue {
  readonly #target: TfTarget;
  readonly #clock: Clock;
  readonly #refused: (why: MissingPlace) => void;
  readonly #waiting: { readonly result: WaitingResult; readonly untilMs: number }[] = [];
  readonly #cancelListen: Cancel;
  #cancelTimer: Cancel | undefined;
  #told: { readonly about: string; readonly atMs: number } | undefined;

  /** `refused` is told why one of them is given up. */
  constructor(target: TfTarget, clock: Clock, refused: (why: MissingPlace) => void) {
    this.#target = target;
    this.#clock = clock;
    this.#refused = refused;
    this.#cancelListen = target.listener.onChange(() => this.#look());
  }

  offer(result: WaitingResult): void {
    this.#waiting.push({ result, untilMs: this.#clock.monotonicMs() + this.#target.waitMs });
    if (this.#waiting.length > most) this.#waiting.shift();
    this.#look();
  }

  close(): void {
    this.#cancelListen();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting.length = 0;
  }

  #look(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { result, untilMs } = first;
      const { listener, frameId, toleranceMs } = this.#target;
      const toleranceNs = BigInt(Math.round(toleranceMs * 1e6));
      const found = listener.lookup(frameId, result.frameId, result.stampNs, toleranceNs);
      const left = untilMs - this.#clock.monotonicMs();
      if ('transform' in found) {
        this.#waiting.shift();
        result.publish(found.transform);
      } else if (found.missing.kind === 'past' || left <= 0) {
        this.#waiting.shift();
        this.#refuse(missingPlace(found.missing));
      } else {
        this.#lookAgain(left);
        return;
      }
    }
  }

  #refuse(why: MissingPlace): void {
    const atMs = this.#clock.monotonicMs();
    const told = this.#told;
    if (told?.about === why.about && atMs - told.atMs < tellAgainMs) return;
    this.#told = { about: why.about, atMs };
    this.#refused(why);
  }

  #lookAgain(afterMs: number): void {
    this.#cancelTimer ??= this.#clock.after(Math.max(1, afterMs), () => {
      this.#cancelTimer = undefined;
      this.#look();
    });
  }
}
