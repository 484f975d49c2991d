import { Worker } from 'node:worker_threads';
import { CancelledError, GoshawkError } from '../../base/index.ts';
import type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensors } from '../../optimize/index.ts';
import type { Reply, Request } from './messages.ts';

type Question = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: GoshawkError) => void;
}

/**
 * `GraphRunner` over onnxruntime-node in a worker thread: `run` of that package blocks the thread that calls it.
 * Calls are answered in the order in which they were made.
 */
export class OnnxruntimeGraphRunner implements GraphRunner {
  private readonly threads: number;
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private closed = false;

  constructor(options: { readonly threads?: number } = {}) {
    this.threads = options.threads ?? 1;
  }

  async load(model: Uint8Array, options: LoadOptions = {}): Promise<LoadedGraph> {
    const reply = await this.ask({
      kind: 'load',
      model,
      optimization: options.optimization === 'none' ? 'disabled' : 'all',
      threads: this.threads,
    });
    if (reply.kind !== 'loaded') throw unexpected(reply);
    const { session } = reply;
    return {
      run: (inputs) => this.run(session, inputs),
      close: async () => {
        if (!this.closed) await this.ask({ kind: 'release', session });
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
    this.fail(new CancelledError('The run of the model'));
  }

  private async run(session: number, inputs: RunTensors): Promise<RunResult> {
    const reply = await this.ask({ kind: 'run', session, inputs });
    if (reply.kind !== 'ran') throw unexpected(reply);
    return { outputs: reply.outputs, elapsedMs: reply.elapsedMs };
  }

  private async ask(question: Question): Promise<Reply> {
    if (this.closed) throw new CancelledError('The run of the model');
    this.lastId += 1;
    const id = this.lastId;
    const worker = this.start();
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...question, id });
    });
    if (reply.kind === 'failed') {
      throw new GoshawkError(
        'engine-refused-model',
        `ONNX Runtime could not ${question.kind} the model: ${reply.reason}`,
        'Check the model with onnx.checker; an operator may be newer than this ONNX Runtime.',
      );
    }
    return reply;
  }

  private start(): Worker {
    if (this.worker !== undefined) return this.worker;
    const worker = startWorker();
    worker.on('message', (reply: Reply) => {
      const waiting = this.pending.get(reply.id);
      this.pending.delete(reply.id);
      // A runner that nobody waits for must not hold the process.
      if (this.pending.size === 0) worker.unref();
      waiting?.resolve(reply);
    });
    worker.on('error', (error) => {
      this.worker = undefined;
      this.fail(
        new GoshawkError('engine-died', `The engine's thread ended: ${error.message}`, 'Run it again.', {
          cause: error,
        }),
      );
    });
    this.worker = worker;
    return worker;
  }

  private fail(error: GoshawkError): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

function startWorker(): Worker {
  // The library reads it from the process, not from the worker's copy: no telemetry to its maker.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url));
  // From a checkout the worker is TypeScript; Node 20 hands its loaders to no worker, so it registers tsx itself.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const start = `import(${loader}).then((tsx) => { tsx.register(); return import(${source}); });`;
  return new Worker(start, { eval: true });
}

function unexpected(reply: Reply): GoshawkError {
  return new GoshawkError('engine-died', `The engine's thread answered ${reply.kind}.`, 'Run it again.');
}
