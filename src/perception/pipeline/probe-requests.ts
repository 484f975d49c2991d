import { CancelledError, type GoshawkError } from '../../base/index.ts';
import type { DetectionSettings } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { Inference } from './camera-stream.ts';

/** No camera has an empty name. */
export const probeLane = '';

export type ProbeFrame = Omit<Frame, 'camera' | 'sequence' | 'pixels'> & { readonly data: Uint8Array };

interface Open {
  readonly settings: DetectionSettings;
  readonly resolve: (inference: Inference) => void;
  readonly reject: (error: GoshawkError) => void;
}

/** Frames of nobody's camera that go the way of all frames, and whose answer goes to whoever asked. */
export class ProbeRequests {
  readonly #open = new Map<number, Open>();
  #sequence = 0;

  /** `offer`: gives the frame to the scheduler. */
  request(
    { data, ...rest }: ProbeFrame,
    settings: DetectionSettings,
    offer: (frame: Frame) => void,
  ): Promise<Inference> {
    const sequence = this.#sequence++;
    return new Promise((resolve, reject) => {
      this.#open.set(sequence, { settings, resolve, reject });
      offer({
        ...rest,
        camera: probeLane,
        sequence,
        // Let go without an answer: the scheduler is closed.
        pixels: { data, release: () => this.fail(sequence, new CancelledError('The question')) },
      });
    });
  }

  settings(sequence: number): DetectionSettings | undefined {
    return this.#open.get(sequence)?.settings;
  }

  answer(sequence: number, inference: Inference): void {
    this.#open.get(sequence)?.resolve(inference);
    this.#open.delete(sequence);
  }

  fail(sequence: number, error: GoshawkError): void {
    this.#open.get(sequence)?.reject(error);
    this.#open.delete(sequence);
  }
}
