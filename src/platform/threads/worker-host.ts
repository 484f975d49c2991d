import { type ResourceLimits, type TransferListItem, Worker } from 'node:worker_threads';
import { CancelledError, describeError, type GoshawkError } from '../../base/index.ts';
import { unpackError } from '../packed-error.ts';
import type {
  AnswerOf,
  CallArguments,
  CallName,
  FromThread,
  OneWay,
  ThreadContract,
  ThreadStart,
  ToThread,
} from './contract.ts';

export interface WorkerHostOptions<T extends ThreadContract> {
  /** The thread's module, which calls `serve`; see `moduleUrl`. */
  readonly module: URL;
  /** Shown by debuggers and profilers. */
  readonly name: string;
  readonly data: T['data'];
  /** What the thread does, for the CancelledError of calls that meet its end: "<what> was cancelled." */
  readonly what: string;
  /** What calls are rejected with when the thread died; `why` goes into a sentence and has no full stop. */
  readonly death: (why: string, cause: unknown) => GoshawkError;
  readonly onNotice?: { readonly [Name in keyof T['notices']]: (notice: T['notices'][Name]) => void };
  /** Whether the process waits for the thread; default `always`. `while-asked`: while a call waits for its answer. */
  readonly holdsProcess?: 'always' | 'while-asked' | 'never';
  /** For code that is not ours: it has no environment, and dies where its memory grows beyond these. */
  readonly limits?: ResourceLimits;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: GoshawkError) => void;
}

/** Id of the start, which is answered as a call is. */
const startId = 0;

/**
 * A worker thread as its parent sees it: it is started at once, answers calls and says things by itself.
 *
 * INVARIANTS
 * - every promise that was handed out settles, whatever happens to the thread;
 * - messages reach the thread in the order in which they were made, and nothing reaches it after `close`;
 * - the first failure counts: all that waits is rejected with it, and so is every later call.
 */
export class WorkerHost<T extends ThreadContract> {
  /** Resolves when the thread has started; rejects with the reason why it could not. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #options: WorkerHostOptions<T>;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = startId;
  #failure: GoshawkError | undefined;
  #ending: 'closing' | 'terminated' | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: WorkerHostOptions<T>) {
    this.#options = options;
    const { module, name, data, limits } = options;
    const isSource = module.pathname.endsWith('.ts');
    this.#worker = new Worker(isSource ? new URL('./from-source.mjs', import.meta.url) : module, {
      workerData: { module: module.href, data } satisfies ThreadStart,
      // Flags of the main thread (inspector, loaders) are not for the worker.
      execArgv: [],
      name,
      ...(limits === undefined ? {} : { resourceLimits: limits, env: {} }),
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (message: FromThread) => this.#received(message));
    this.#worker.on('messageerror', (error) => this.#broke(error));
    this.#worker.on('error', (error) => this.#died(describeError(error), error));
    this.#worker.on('exit', (code) => this.#died(`it ended with exit code ${code}`));
    this.ready = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(startId, { resolve, reject });
    }).then(() => {});
    // Who does not wait for the start hears of its failure with the first call.
    this.ready.catch(() => {});
    if (this.#holdsProcess !== 'always') this.#worker.unref();
  }

  /** Resolves when the thread has started. */
  static async start<T extends ThreadContract>(options: WorkerHostOptions<T>): Promise<WorkerHost<T>> {
    const host = new WorkerHost(options);
    try {
      await host.ready;
    } catch (error) {
      await host.terminate();
      throw error;
    }
    return host;
  }

  /** Whether it takes calls. */
  get alive(): boolean {
    return this.failure === undefined;
  }

  /** What calls are rejected with. */
  get failure(): GoshawkError | undefined {
    if (this.#failure === undefined && this.#ending !== undefined) return this.#cancelled();
    return this.#failure;
  }

  call<Name extends CallName<T>>(name: Name, ...args: CallArguments<T, Name>): Promise<AnswerOf<T, Name>> {
    const [request, transfer] = args as [unknown?, (readonly TransferListItem[])?];
    return this.#ask((id) => ({ kind: 'call', id, name, request }), transfer) as Promise<AnswerOf<T, Name>>;
  }

  /**
   * Without waiting for it to be done, and without a word where the thread is gone. What the thread throws at it ends the
   * thread, since nobody else would hear of it.
   */
  send<Name extends OneWay<T>>(name: Name, ...args: CallArguments<T, Name>): void {
    const [request, transfer] = args as [unknown?, (readonly TransferListItem[])?];
    if (this.alive) this.#post({ kind: 'send', name, request }, transfer);
  }

  /**
   * Lets everything finish that was asked before, and the thread tidy up. Resolves when it has ended; rejects with what
   * tidying up threw.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends the thread where it stands; what waits is rejected with a CancelledError. */
  async terminate(): Promise<void> {
    if (this.#ending !== 'terminated') {
      this.#ending = 'terminated';
      void this.#worker.terminate();
    }
    await this.#exited;
  }

  async #close(): Promise<void> {
    if (this.alive) {
      const tidied = this.#ask((id) => ({ kind: 'close', id }));
      this.#ending = 'closing';
      this.#worker.ref();
      try {
        await tidied;
      } finally {
        await this.#exited;
      }
    }
    await this.#exited;
  }

  #ask(message: (id: number) => ToThread, transfer?: readonly TransferListItem[]): Promise<unknown> {
    const { failure } = this;
    if (failure !== undefined) return Promise.reject(failure);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      // Throws, and so rejects, where something can't be cloned; nothing waits then.
      this.#post(message(id), transfer);
      this.#waiting.set(id, { resolve, reject });
      if (this.#holdsProcess === 'while-asked') this.#worker.ref();
    });
  }

  #post(message: ToThread, transfer?: readonly TransferListItem[]): void {
    this.#worker.postMessage(message, transfer);
  }

  #received(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        this.#take(startId)?.resolve(undefined);
        break;
      case 'answer':
        this.#take(message.id)?.resolve(message.answer);
        break;
      case 'refused':
        this.#take(message.id)?.reject(unpackError(message.error));
        break;
      case 'failed':
        this.#fail(unpackError(message.error));
        void this.#worker.terminate();
        break;
      case 'notice': {
        const name = message.name as keyof T['notices'];
        this.#options.onNotice?.[name]?.(message.notice as T['notices'][typeof name]);
      }
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0 && this.#holdsProcess === 'while-asked') this.#worker.unref();
    return waiting;
  }

  /** A message that can't be read leaves a call without its answer: then the thread is of no use. */
  #broke(error: Error): void {
    this.#died(describeError(error), error);
    void this.#worker.terminate();
  }

  #died(why: string, cause?: unknown): void {
    const wanted = this.#ending === 'terminated' || (this.#ending === 'closing' && cause === undefined);
    this.#fail(wanted ? this.#cancelled() : this.#options.death(why.replace(/\.+$/, ''), cause));
  }

  #fail(failure: GoshawkError): void {
    this.#failure ??= failure;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#failure);
  }

  #cancelled(): CancelledError {
    return new CancelledError(this.#options.what);
  }

  get #holdsProcess(): 'always' | 'while-asked' | 'never' {
    return this.#options.holdsProcess ?? 'always';
  }
}
