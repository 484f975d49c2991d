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

type AnyAnswers = Readonly<Record<string, (request: unknown) => unknown>>;

class ThreadServer {
  readonly #port: MessagePort;
  readonly #explain: (error: unknown) => GoshawkError | undefined;
  /** Calls whose promise has not settled. */
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(port: MessagePort, explain: (error: unknown) => GoshawkError | undefined) {
    this.#port = port;
    this.#explain = explain;
  }

  async start<T extends ThreadContract>(begin: () => Served<T> | Promise<Served<T>>): Promise<void> {
    try {
      const served = await begin();
      const answers = served.answers as AnyAnswers;
      this.#port.on('message', (message: ToThread) => {
        if (message.kind === 'close') void this.#close(message, served);
        else this.#run(message, () => answers[message.name]?.(message.request));
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

  post(message: FromThread, transfer?: readonly TransferListItem[]): void {
    this.#port.postMessage(message, transfer);
  }

  /** Without a promise where there is none: most calls are answered in the turn in which they came. */
  #run(message: ToThread, work: () => unknown): void {
    try {
      const result = work();
      if (result instanceof Promise) this.#await(message, result);
      else this.#answer(message, result);
    } catch (error) {
      this.#refuse(message, error);
    }
  }

  #await(message: ToThread, result: Promise<unknown>): void {
    const settled = () => {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle?.();
    };
    this.#running += 1;
    result.then(
      (answer) => {
        this.#run(message, () => answer);
        settled();
      },
      (error: unknown) => {
        this.#refuse(message, error);
        settled();
      },
    );
  }

  async #close(message: ToThread, served: Pick<Served<ThreadContract>, 'close'>): Promise<void> {
    if (this.#running > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    try {
      await served.close?.();
      this.#answer(message, undefined);
    } catch (error) {
      this.#refuse(message, error);
    }
    this.#port.close();
  }

  #answer(message: ToThread, answer: unknown): void {
    if (message.kind === 'send') return;
    const { id } = message;
    if (answer instanceof WithTransfer)
      this.post({ kind: 'answer', id, answer: answer.value }, answer.transfer);
    else this.post({ kind: 'answer', id, answer });
  }

  #refuse(message: ToThread, error: unknown): void {
    if (message.kind === 'send') this.#fail(error);
    else this.post({ kind: 'refused', id: message.id, error: packError(this.#known(error)) });
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
