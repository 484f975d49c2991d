import { type MessagePort, parentPort, type TransferListItem, workerData } from 'node:worker_threads';
import { GoshawkError } from '../../base/index.ts';
import { packError } from '../packed-error.ts';
import type {
  AnswerOf,
  CallName,
  FromThread,
  RequestOf,
  ThreadContract,
  ThreadStart,
  ToThread,
} from './contract.ts';

/** What a thread does; made when it starts. */
export interface Served<T extends ThreadContract> {
  readonly answers: Answers<T>;
  /** When the host closes the thread, after the last answer. */
  close?(): void | Promise<void>;
}

/** A call is answered when its promise settles: later calls may be answered before it. */
export type Answers<T extends ThreadContract> = {
  readonly [Name in CallName<T>]: (request: RequestOf<T, Name>) => Answer<AnswerOf<T, Name>>;
};
type Answer<Value> = Value | WithTransfer<Value> | Promise<Value | WithTransfer<Value>>;

/** Says something without having been asked. */
export type Tell<T extends ThreadContract> = <Name extends keyof T['notices'] & string>(
  name: Name,
  notice: T['notices'][Name],
) => void;

/** An answer that gives memory or ports away. */
export class WithTransfer<Value> {
  readonly value: Value;
  readonly transfer: readonly TransferListItem[];

  constructor(value: Value, transfer: readonly TransferListItem[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/**
 * The thread's side of a `WorkerHost`: the last statement of its module. `explain` puts what is thrown into words; what
 * is no GoshawkError without it is a defect, which ends the thread. So does what `start` and calls without an answer throw.
 */
export function serve<T extends ThreadContract>(
  start: (data: T['data'], tell: Tell<T>) => Served<T> | Promise<Served<T>>,
  explain?: (error: unknown, data: T['data']) => GoshawkError,
): void {
  if (parentPort === null) throw new Error('This module is loaded by a WorkerHost alone.');
  const { data } = workerData as ThreadStart;
  const server = new ThreadServer(parentPort, (error) => explain?.(error, data));
  void server.start(() => start(data, (name, notice) => server.post({ kind: 'notice', name, notice })));
}

class ThreadServer {
  readonly #port: MessagePort;
  readonly #explain: (error: unknown) => GoshawkError | undefined;
  readonly #running = new Set<Promise<void>>();

  constructor(port: MessagePort, explain: (error: unknown) => GoshawkError | undefined) {
    this.#port = port;
    this.#explain = explain;
  }

  async start<T extends ThreadContract>(begin: () => Served<T> | Promise<Served<T>>): Promise<void> {
    try {
      const served = await begin();
      const answers = served.answers as Readonly<Record<string, (request: unknown) => unknown>>;
      this.#port.on('message', (message: ToThread) => {
        if (message.kind === 'close') void this.#close(message.id, served);
        else void this.#run(message, answers);
      });
      this.#port.on('messageerror', (error) => {
        // A call that can't be read would never be answered.
        throw error;
      });
      this.post({ kind: 'ready' });
    } catch (error) {
      this.#fail(error);
    }
  }

  post(message: FromThread, transfer: readonly TransferListItem[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  async #run(
    message: Exclude<ToThread, { readonly kind: 'close' }>,
    answers: Readonly<Record<string, (request: unknown) => unknown>>,
  ): Promise<void> {
    const { kind, name, request } = message;
    const work = (async () => answers[name]?.(request))();
    const done = kind === 'send' ? this.#watch(work) : this.#answer(message.id, work);
    this.#running.add(done);
    await done;
    this.#running.delete(done);
  }

  async #watch(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #answer(id: number, work: Promise<unknown>): Promise<void> {
    try {
      const answer = await work;
      if (answer instanceof WithTransfer)
        this.post({ kind: 'answer', id, answer: answer.value }, answer.transfer);
      else this.post({ kind: 'answer', id, answer });
    } catch (error) {
      this.post({ kind: 'refused', id, error: packError(this.#known(error)) });
    }
  }

  async #close(id: number, served: Pick<Served<ThreadContract>, 'close'>): Promise<void> {
    await Promise.all(this.#running);
    await this.#answer(id, (async () => served.close?.())());
    this.#port.close();
  }

  #fail(error: unknown): void {
    this.post({ kind: 'failed', error: packError(this.#known(error)) });
    this.#port.close();
  }

  /** Throws what nobody can explain; that ends the thread. */
  #known(error: unknown): GoshawkError {
    const known = error instanceof GoshawkError ? error : this.#explain(error);
    if (known === undefined) throw error;
    return known;
  }
}
