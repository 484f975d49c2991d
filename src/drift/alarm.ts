import type { Grade, LossRange } from './verdict/expected-loss.ts';
import type { Verdict } from './verdict/verdict.ts';

/** One signal that says so. */
export interface SignalEvidence {
  readonly name: string;
  /** In the signal's own unit, smoothed over some seconds. */
  readonly value: number;
  /** Mean of the reference; undefined where there is no reference. */
  readonly usual: number | undefined;
  /** Deviations of the reference from its mean, at most 12. */
  readonly deviations: number;
  /** Mean seconds in which a healthy stream would get here once: e to this. */
  readonly logRunLengthS: number;
}

/** Something began, turned out to be something else, or ended. */
export interface DriftAlarm {
  /** Counts up per monitor; the same over the life of one incident. */
  readonly incident: number;
  readonly phase: 'raised' | 'changed' | 'cleared';
  readonly verdict: Verdict;
  /** A notice says that something changed; an alarm, that it is expected to harm, or that nobody can tell. Never falls. */
  readonly grade: Grade;
  /** Share of the model's usual accuracy (mAP) that is expected to be gone, 0..1; undefined where it can't be told. */
  readonly expectedLoss: number | undefined;
  /** Eight of ten true losses lie between these two; undefined where the loss is measured or can't be told. */
  readonly expectedLossRange: LossRange | undefined;
  /** For people: `sensor fault: frozen`. */
  readonly message: string;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** When the first sign was seen. */
  readonly sinceMs: number;
  /** Surest first, at most eight. */
  readonly signals: readonly SignalEvidence[];
  /** The smoothed view at that time, `thumbnailWidth` x `thumbnailHeight` luma 0..255; undefined before the first. */
  readonly view: Uint8Array | undefined;
}
