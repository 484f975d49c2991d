import { Interruption } from './interruption.ts';

/** What `process.exit` waits for, threads of a pool among it, may hang as well. */
const longestExitMs = 2000;
/** Of `exitCodes.interrupted`, which is loaded later. */
const interruptedCode = 130;

/**
 * Signals to end, from the first line of the program until its process is gone: `ros2 launch`, a terminal and its process group send
 * a second one while the process is ending, and the default action of a signal reads as a crash.
 *
 * The first one asks for an end. One that comes 2 s later, or later still, ends the process at once; so does SIGQUIT at any time. A stop that
 * hangs ends in 2 minutes, which is longer than a model takes to load on a small board.
 */
export class StopSignals {
  readonly #interruption = new Interruption(() => performance.now());
  readonly #abort = new AbortController();
  readonly #longestStopMs: number;

  constructor({ longestStopMs = 120_000 }: { readonly longestStopMs?: number } = {}) {
    this.#longestStopMs = longestStopMs;
  }

  /** Aborted by the first one, or by `stop`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** By a signal. */
  get wanted(): boolean {
    return this.#interruption.wanted;
  }

  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => this.#take(name));
    // Who started us with a channel wants us no longer than itself, also when it was killed.
    process.on('disconnect', () => this.#take('disconnect'));
  }

  stop(): void {
    this.#abort.abort();
  }

  #take(name: string): void {
    const meant = this.#interruption.signal();
    if (meant === 'force') void endNow(`${name} came again`);
    if (meant !== 'stop') return;
    this.stop();
    const late = () => void endNow(`it did not end within ${this.#longestStopMs / 1000} s of ${name}`);
    setTimeout(late, this.#longestStopMs).unref();
  }
}

/** Those of this process. */
export const stopSignals = new StopSignals();

/** With the status of the command, where that is known. */
async function endNow(why: string): Promise<never> {
  process.stderr.write(`goshawk: Ended before everything was closed: ${why}.\n`);
  const { guardExit } = await import('../runtime/index.ts');
  guardExit(longestExitMs);
  process.exit(process.exitCode ?? interruptedCode);
}
