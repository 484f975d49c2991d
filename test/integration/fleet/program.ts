import { type ChildProcess, spawn } from 'node:child_process';
import { type Ran, start } from '../goshawk.ts';

/** A `goshawk ... --json` that goes on running: its lines as they come, and its end. */
export class Program {
  readonly what: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<Ran>;
  #stdout = '';
  #stderr = '';
  #ended = false;

  constructor(what: string, child: ChildProcess) {
    this.what = what;
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#exit = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#ended = true;
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  static goshawk(...args: readonly string[]): Program {
    return new Program(`goshawk ${args.join(' ')}`, start(...args, '--json'));
  }

  static other(command: string, args: readonly string[]): Program {
    return new Program(command, spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get alive(): boolean {
    return !this.#ended;
  }

  /** The values on stdout that are complete. */
  get lines(): Record<string, unknown>[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** What the log on stderr says so far. */
  get log(): { readonly msg?: string; readonly event?: string; readonly [field: string]: unknown }[] {
    return this.#stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  /** Its line of this type; rejects with its last words when it ended without one. */
  async line(type: string, timeoutMs = 240_000): Promise<Record<string, unknown>> {
    const find = () => this.lines.find((line) => line.type === type);
    await eventually(`${this.what} says ${type}`, () => this.#ended || find() !== undefined, timeoutMs);
    const found = find();
    if (found === undefined) throw new Error(`${this.what} ended: ${this.#stderr.slice(-2000)}`);
    return found;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and gives all that it said. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ran> {
    if (!this.#ended) this.#child.kill(signal);
    return this.#exit;
  }

  exited(): Promise<Ran> {
    return this.#exit;
  }
}

/** Asks again and again until it holds; an error that it throws counts as no. Generous, because machines are busy. */
export async function eventually(
  what: string,
  holds: () => unknown,
  timeoutMs = 240_000,
  everyMs = 100,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  let reason: unknown;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > end)
      throw new Error(`Not within ${timeoutMs / 1000} s: ${what}.`, { cause: reason });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
