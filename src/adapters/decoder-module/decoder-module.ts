import { CancelledError, describeError, type GoshawkError, InputError } from '../../base/index.ts';
import type { Decoded, DecodedPicture, RawTensor, TensorDecoder } from '../../perception/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { DecoderThread } from './worker.ts';

export interface DecoderModuleOptions {
  /** The text of an ES module; it stands alone, as relative imports lead nowhere. */
  readonly source: Uint8Array;
  /** How it is called in messages. */
  readonly name: string;
  /** Milliseconds for one picture; default 1000. */
  readonly timeoutMs?: number;
  /** For its start; default 30,000. */
  readonly startTimeoutMs?: number;
  /** Of its heap; default 128. */
  readonly memoryMb?: number;
  /** Bytes of JSON that it may say of one picture; default 65,536. */
  readonly mostBytes?: number;
}

export const maxModuleBytes = 1_000_000;

/**
 * `TensorDecoder` with a module of the user's in a thread of its own. The thread ends with a picture that took too long or
 * killed it, and the next picture starts another one: the module costs its own camera pictures and the agent nothing.
 */
export class DecoderModule implements TensorDecoder {
  readonly #options: Required<DecoderModuleOptions>;
  #thread: WorkerHost<DecoderThread> | undefined;
  /** One picture at a time: each has the whole of its time. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: DecoderModuleOptions) {
    this.#options = { timeoutMs: 1000, startTimeoutMs: 30_000, memoryMb: 128, mostBytes: 65_536, ...options };
  }

  /** Loads the module, so that one that can't be loaded is refused before a model goes live. */
  static async load(options: DecoderModuleOptions): Promise<DecoderModule> {
    const decoder = new DecoderModule(options);
    try {
      await decoder.#ready();
      return decoder;
    } catch (error) {
      await decoder.close();
      throw error;
    }
  }

  decode(tensors: readonly RawTensor[], picture: DecodedPicture): Promise<Decoded> {
    const turn = this.#last.then(() => this.#decode(tensors, picture));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.terminate();
  }

  async #decode(tensors: readonly RawTensor[], picture: DecodedPicture): Promise<Decoded> {
    const thread = await this.#ready();
    // Each buffer once: several tensors may be views of one.
    const buffers = new Set(tensors.map(({ data }) => data.buffer as ArrayBuffer));
    const owned = [...buffers].every(
      (buffer) => tensors.filter(({ data }) => data.buffer === buffer).length === 1,
    );
    const call = thread.call('decode', { tensors, picture }, owned ? [...buffers] : []);
    const { json, tookMs } = await this.#inTime(call, this.#options.timeoutMs, 'decode this picture');
    return { data: JSON.parse(json), tookMs };
  }

  async #ready(): Promise<WorkerHost<DecoderThread>> {
    if (this.#closed) throw new CancelledError('The decoder module');
    if (this.#thread?.alive !== true) {
      const { source, name, memoryMb, mostBytes } = this.#options;
      this.#thread = new WorkerHost<DecoderThread>({
        module: moduleUrl('./worker', import.meta.url),
        name: `decoder ${name}`,
        data: { source, name, mostBytes },
        what: 'The decoder module',
        death: (why, cause) => this.#died(why, cause),
        holdsProcess: 'while-asked',
        limits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
      });
      await this.#inTime(this.#thread.ready, this.#options.startTimeoutMs, 'start');
    }
    return this.#thread;
  }

  #inTime<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
    const { name } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new InputError(
            'decoder-timeout',
            `The module ${name} took more than ${timeoutMs} ms to ${what}.`,
            'Make it faster; try it with `goshawk run`.',
          ),
        );
        void this.#thread?.terminate();
      }, timeoutMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  #died(why: string, cause: unknown): GoshawkError {
    return new InputError(
      'decoder-died',
      `The module ${this.#options.name} ended its thread: ${why}.`,
      'Check the module for process.exit, and for memory that it never frees; try it with `goshawk run`.',
      { cause: describeError(cause) },
    );
  }
}
