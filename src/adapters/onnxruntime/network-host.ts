import { GoshawkError } from '../../base/index.ts';
import type { DetectorResult } from '../../perception/index.ts';
import { moduleUrl, unpackError, WorkerHost } from '../../platform/index.ts';
import type { NetworkOptions } from './network.ts';
import type { NetworkThread, SharedPicture } from './worker.ts';

/**
 * One worker thread with one network: the main thread's end of it.
 *
 * INVARIANT: one run is under way at a time (the caller waits), so its slots of shared memory are never overwritten while
 * they are read.
 */
export class NetworkHost {
  readonly #host: WorkerHost<NetworkThread>;
  readonly #sick: (invalid: number) => void;
  /** Pictures that one run takes at most. */
  readonly batch: number;
  /** One for each picture of a run. */
  readonly #slots: SharedArrayBuffer[] = [];

  private constructor(host: WorkerHost<NetworkThread>, batch: number, sick: (invalid: number) => void) {
    this.batch = batch;
    this.#host = host;
    this.#sick = sick;
  }

  /**
   * Resolves when the network is loaded and warm; rejects with the reason why it can't be. `sick` hears of outputs that
   * are NaN or infinite.
   */
  static async start(options: NetworkOptions, sick: (invalid: number) => void): Promise<NetworkHost> {
    // The library reads it from the process, not from the worker's copy: no telemetry to its maker.
    process.env.ORT_DISABLE_TELEMETRY ??= '1';
    const host = await WorkerHost.start<NetworkThread>({
      module: moduleUrl('./worker', import.meta.url),
      name: `goshawk-${options.modelName}`,
      data: options,
      what: 'The detector',
      death: (why, cause) =>
        new GoshawkError(
          'detector-crashed',
          `The worker thread of the detector died: ${why}.`,
          'Goshawk starts it again with the next frame. If it dies again, use another variant or engine (--engine, --variant).',
          { cause },
        ),
    });
    return new NetworkHost(host, await host.call('batch', undefined), sick);
  }

  get alive(): boolean {
    return this.#host.alive;
  }

  /** One run. Answers in the order of the pictures: a result, or why there is none. */
  async detect(pictures: readonly SharedPicture[]): Promise<readonly (DetectorResult | GoshawkError)[]> {
    const shared = pictures.map(({ image, settings }, place) => ({
      image: { ...image, data: this.#share(image.data, place) },
      settings,
    }));
    const answers = await this.#host.call('detect', shared);
    return answers.map((answer) => {
      if ('failed' in answer) return unpackError(answer.failed);
      if (answer.invalid > 0) this.#sick(answer.invalid);
      return answer.result;
    });
  }

  /** Without waiting for what is under way. */
  terminate(): void {
    void this.#host.terminate();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  /** Pixels that lie in shared memory go as they are; others are copied into this thread's slot for their place. */
  #share(data: Uint8Array, place: number): Uint8Array {
    if (data.buffer instanceof SharedArrayBuffer) return data;
    let memory = this.#slots[place];
    if (memory === undefined || memory.byteLength < data.length) {
      memory = new SharedArrayBuffer(data.length);
      this.#slots[place] = memory;
    }
    const slot = new Uint8Array(memory, 0, data.length);
    slot.set(data);
    return slot;
  }
}
