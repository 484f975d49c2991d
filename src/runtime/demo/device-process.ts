import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GoshawkError } from '../../base/index.ts';
import type { AgentSummary } from '../device/summary.ts';

/** `goshawk agent` as a process of its own, as on a device: what ends one does not end the other. */
export class DeviceProcess {
  readonly device: string;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #summary: AgentSummary | undefined;
  #logTail = '';

  constructor(device: string, command: readonly string[]) {
    this.device = device;
    this.#command = command;
  }

  /** Resolves when it runs; rejects with the end of its log when it ended before. */
  start(): Promise<void> {
    const [program = '', ...args] = this.#command;
    // Its own process group: Ctrl+C of the terminal goes to the demo, which ends its devices in order.
    // The channel says nothing: a device ends when the other end is gone, and a killed demo leaves none behind.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.on('exit', () => resolve());
      child.on('error', (error) => {
        this.#logTail = error.message;
        resolve();
      });
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#logTail = (this.#logTail + text).slice(-4000);
    });
    return new Promise((resolve, reject) => {
      if (child.stdout !== null) {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const value = parse(line);
          if (value?.type === 'started') resolve();
          if (value?.type === 'summary') this.#summary = value as unknown as AgentSummary;
        });
      }
      void this.#exited.then(() => reject(this.#ended()));
    });
  }

  get alive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote to stderr last. */
  get logTail(): string {
    return this.#logTail.trim();
  }

  /** Ends it properly and gives what it counted; undefined when it had to be killed or died. */
  async stop(timeoutMs = 15_000): Promise<AgentSummary | undefined> {
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
    return this.#summary;
  }

  #ended(): GoshawkError {
    return new GoshawkError(
      'device-ended',
      `${this.device} ended: ${this.logTail || 'without a word'}`,
      'Its last words say why; with --debug there are more of them.',
    );
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
