import type { GateSubject } from '../gates/index.ts';

/** A device of a wave, or of its control. Times by the controller's clock. */
export interface WaveDevice {
  readonly device: string;
  readonly arm: GateSubject['arm'];
  readonly changedMs?: number;
  /** When it was ordered: what is before ends there. */
  readonly beforeMs?: number;
  /** Later swaps, restarts and rollbacks. */
  readonly disturbedMs?: readonly number[];
  /** These cameras only; otherwise all that sent frames. */
  readonly cameras?: readonly string[];
  /** Whichever slot serves the camera; otherwise what `main` saw. */
  readonly anySlot?: true;
}
