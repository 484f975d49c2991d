import type { GoshawkError } from '../../base/index.ts';
import type { DetectorIdentity } from '../detection.ts';
import type { SlotName } from '../graph/names.ts';
import type { DetectorLoss } from '../ports.ts';

export type PipelineEvent =
  /** A camera, the detector or a sink failed; told once until it works again or fails in another way. */
  | {
      readonly kind: 'fault';
      readonly camera: string;
      /** Where it is of another node than the camera's main one. */
      readonly node?: string;
      readonly error: GoshawkError;
    }
  /** A frame of the camera came through again after a fault. */
  | { readonly kind: 'recovered'; readonly camera: string; readonly node?: string }
  /** The camera is gone or not there yet; its source tries again. Told once until it is back. */
  | { readonly kind: 'lost'; readonly camera: string; readonly error: GoshawkError }
  | { readonly kind: 'back'; readonly camera: string }
  /** The detector answers, but later than a frame is waited for: it is given more time from here on. Told once. */
  | { readonly kind: 'slow'; readonly camera: string; readonly slot: SlotName; readonly tookMs: number }
  /** The detector gives no answer at all: its slot is lost until it is swapped. Told once. */
  | {
      readonly kind: 'stuck';
      readonly camera: string;
      readonly slot: SlotName;
      readonly error: GoshawkError;
    }
  /** Every frame fails: nothing that its slot serves gets results until it is swapped. Told again while it lasts. */
  | {
      readonly kind: 'failing';
      readonly camera: string;
      readonly slot: SlotName;
      readonly error: GoshawkError;
      readonly frames: number;
      readonly forMs: number;
      readonly again: boolean;
      /** The detector itself says that no later frame can succeed. */
      readonly lost?: DetectorLoss;
    }
  | {
      readonly kind: 'swapped';
      readonly slot: SlotName;
      readonly from: DetectorIdentity;
      readonly to: DetectorIdentity;
    }
  /** A model was put into a slot that had none, or taken out of it. */
  | { readonly kind: 'slot-added'; readonly slot: SlotName; readonly to: DetectorIdentity }
  | { readonly kind: 'slot-removed'; readonly slot: SlotName; readonly from: DetectorIdentity }
  /** The source has no more frames. */
  | { readonly kind: 'ended'; readonly camera: string };
