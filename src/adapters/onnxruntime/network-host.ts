import { GoshawkError } from '../../base/index.ts';
import type { DetectionSettings, DetectorResult, Image } from '../../perception/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { NetworkOptions } from './network.ts';
import type { NetworkThread } from './worker.ts';

/**
 * One worker thread with one network: the main thread's end of it.
 *
 * INVARIANT: one frame is under way at a time (the caller waits), so its slot of shared memory is never overwritten while
 * it is read.
 */
export class NetworkHost {
  readonly #host: WorkerHost<NetworkThread>;
  readonly #sick: (invalid: number) => void;
  #slot = new SharedArrayBuffer(0);

  private constructor(host: WorkerHost<NetworkThread>, sick: (invalid: number) => void) {
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
          'It is started again with the next frame; if it keeps dying, use another variant or engine (--engine, --variant).',
          { cause },
        ),
    });
    return new NetworkHost(host, sick);
  }

  get alive(): boolean {
    return this.#host.alive;
  }

  async detect(image: Image, settings: DetectionSettings): Promise<DetectorResult> {
    const shared = { ...image, data: this.#share(image.data) };
    const { result, invalid } = await this.#host.call('detect', { image: shared, settings });
    if (invalid > 0) this.#sick(invalid);
    return result;
  }

  /** Without waiting for what is under way. */
  terminate(): void {
    void this.#host.terminate();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  /** Pixels that lie in shared memory go as they are; others are copied into this thread's slot. */
  #share(data: Uint8Array): Uint8Array {
    if (data.buffer instanceof SharedArrayBuffer) return data;
    if (this.#slot.byteLength < data.length) this.#slot = new SharedArrayBuffer(data.length);
    const slot = new Uint8Array(this.#slot, 0, data.length);
    slot.set(data);
    return slot;
  }
}
