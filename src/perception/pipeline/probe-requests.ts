import { CancelledError, type GoshawkError } from '../../base/index.ts';
import type { DetectionSettings } from '../detection.ts';
import type { Frame } from '../frame.ts';
import { defaultCameraSettings } from '../settings.ts';
import type { Inference, Task } from './task.ts';

/** No camera has an empty name. */
export const probeLane = '';

export type ProbeFrame = Omit<Frame, 'camera' | 'sequence' | 'pixels'> & { readonly data: Uint8Array };

interface Open {
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
    offer: (frame: Frame, task: Task) => void,
  ): Promise<Inference> {
    const sequence = this.#sequence++;
    return new Promise((resolve, reject) => {
      this.#open.set(sequence, { resolve, reject });
      const frame: Frame = {
        ...rest,
        camera: probeLane,
        sequence,
        // Let go without an answer: the scheduler is closed.
        pixels: { data, release: () => this.#fail(sequence, new CancelledError('The question')) },
      };
      offer(frame, this.#task(sequence, settings));
    });
  }

  #task(sequence: number, asked: DetectionSettings): Task {
    const settings = { ...defaultCameraSettings, ...asked };
    let inference: Inference;
    return {
      run: async (detector, frame) => {
        const result = await detector.detect(frame, settings);
        inference = { result, settings, identity: detector.identity };
      },
      answered: () => this.#answer(sequence, inference),
      fail: (error) => this.#fail(sequence, error),
    };
  }

  #answer(sequence: number, inference: Inference): void {
    this.#open.get(sequence)?.resolve(inference);
    this.#open.delete(sequence);
  }

  #fail(sequence: number, error: GoshawkError): void {
    this.#open.get(sequence)?.reject(error);
    this.#open.delete(sequence);
  }
}
