import { BusyError, CancelledError, counted, type GoshawkError } from '../../base/index.ts';
import type { DetectionSettings } from '../detection.ts';
import type { Frame } from '../frame.ts';
import { defaultCameraSettings } from '../settings.ts';
import type { Inference, Task } from './task.ts';

/** No camera has an empty name. */
export const probeLane = '';

/** Of requests to a slot; no name of a camera or a node begins so. */
export const requestLane = (slot: string) => `?${slot}`;

export type ProbeFrame = Omit<Frame, 'camera' | 'sequence' | 'pixels'> & { readonly data: Uint8Array };

interface Open {
  readonly resolve: (inference: Inference) => void;
  readonly reject: (error: GoshawkError) => void;
  readonly signal: AbortSignal | undefined;
}

/** Probe frames without a camera: they take the way of all frames, and their answer goes to the caller. */
export class ProbeRequests {
  readonly #open = new Map<number, Open>();
  readonly #most: number;
  #sequence = 0;

  /** `most`: questions that may be open at once, each of which holds a picture. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /**
   * `offer`: gives the frame to the scheduler. Rejects with a BusyError where too many are open. Whoever aborts has an answer at once;
   * the frame keeps its place until its turn, and is not looked at then.
   */
  request(
    { data, ...rest }: ProbeFrame,
    settings: DetectionSettings,
    offer: (frame: Frame, task: Task) => void,
    signal?: AbortSignal,
  ): Promise<Inference> {
    if (signal?.aborted === true) return Promise.reject(givenUp());
    if (this.#open.size >= this.#most) return Promise.reject(tooMany(this.#most));
    const sequence = this.#sequence++;
    return new Promise((resolve, reject) => {
      this.#open.set(sequence, { resolve, reject, signal });
      signal?.addEventListener('abort', () => reject(givenUp()), { once: true });
      const frame: Frame = {
        ...rest,
        camera: probeLane,
        sequence,
        // Let go without an answer: the scheduler is closed, or the model is gone.
        pixels: { data, release: () => this.#fail(sequence, givenUp()) },
      };
      offer(frame, this.#task(sequence, settings));
    });
  }

  #task(sequence: number, asked: DetectionSettings): Task {
    const settings = { ...defaultCameraSettings, ...asked };
    let inference: Inference | undefined;
    return {
      run: async (detector, frame) => {
        if (this.#open.get(sequence)?.signal?.aborted === true) return;
        const result = await detector.detect(frame, settings);
        inference = { result, settings, identity: detector.identity };
      },
      answered: () => {
        if (inference === undefined) return;
        this.#open.get(sequence)?.resolve(inference);
        this.#open.delete(sequence);
      },
      fail: (error) => this.#fail(sequence, error),
    };
  }

  #fail(sequence: number, error: GoshawkError): void {
    this.#open.get(sequence)?.reject(error);
    this.#open.delete(sequence);
  }
}

const givenUp = () => new CancelledError('The question');

function tooMany(most: number): BusyError {
  return new BusyError(
    'requests-full',
    `${counted(most, 'request')} wait for this model already.`,
    'Ask again later, or less often; cameras go before requests.',
    1000,
  );
}
