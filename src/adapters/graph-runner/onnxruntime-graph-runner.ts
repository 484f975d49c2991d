import { CancelledError, GoshawkError } from '../../base/index.ts';
import type { GraphRunner, LoadedGraph, LoadOptions } from '../../optimize/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { GraphRunnerThread } from './worker.ts';

const what = 'The run of the model';

/**
 * `GraphRunner` over onnxruntime-node in a worker thread: `run` of that package blocks the thread that calls it. The
 * thread starts with the first call, and again with the next one after it died.
 */
export class OnnxruntimeGraphRunner implements GraphRunner {
  readonly #threads: number;
  #host: WorkerHost<GraphRunnerThread> | undefined;
  #closed = false;

  constructor(options: { readonly threads?: number } = {}) {
    this.#threads = options.threads ?? 1;
  }

  async load(model: Uint8Array, options: LoadOptions = {}): Promise<LoadedGraph> {
    // A session is of the thread that loaded it: with another one its number would be another model's.
    const host = this.#running();
    const optimization = options.optimization === 'none' ? 'disabled' : 'all';
    const session = await host.call('load', { model, optimization, threads: this.#threads });
    return {
      run: (inputs) => host.call('run', { session, inputs }),
      close: async () => {
        if (!this.#closed) await host.call('release', session);
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#host?.terminate();
  }

  #running(): WorkerHost<GraphRunnerThread> {
    if (this.#closed) throw new CancelledError(what);
    if (this.#host?.alive !== true) this.#host = startThread();
    return this.#host;
  }
}

function startThread(): WorkerHost<GraphRunnerThread> {
  // The library reads it from the process, not from the worker's copy: no telemetry to its maker.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  return new WorkerHost<GraphRunnerThread>({
    module: moduleUrl('./worker', import.meta.url),
    name: 'goshawk-graph-runner',
    data: undefined,
    what,
    death: (why, cause) =>
      new GoshawkError('engine-died', `The engine's thread ended: ${why}.`, 'Run it again.', { cause }),
    // A runner that nobody waits for must not hold the process.
    holdsProcess: 'while-asked',
  });
}
