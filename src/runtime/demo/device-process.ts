import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GoshawkError } from '../../base/index.ts';
import type { AgentSummary } from '../device/summary.ts';

/** `goshawk agent` as a process of its own, as on a device: what ends one does not end the other. */
export class DeviceProcess {
  readonly device: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #started: Promise<void>;
  #summary: AgentSummary | undefined;
  #logTail = '';

  constructor(device: string, command: readonly string[]) {
    this.device = device;
    const [program = '', ...args] = command;
    // Its own process group: Ctrl+C of the terminal goes to the demo, which ends its devices in order.
    // The channel says nothing: a device ends when the other end is gone, and a killed demo leaves none behind.
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', () => resolve());
      this.#child.on('error', (error) => {
        this.#logTail = error.message;
        resolve();
      });
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#logTail = (this.#logTail + text).slice(-4000);
    });
    this.#started = new Promise((resolve, reject) => {
      if (this.#child.stdout !== null) {
        createInterface({ input: this.#child.stdout }).on('line', (line) => {
          const value = parse(line);
          if (value?.type === 'started') resolve();
          if (value?.type === 'summary') this.#summary = value as unknown as AgentSummary;
        });
      }
      void this.#exited.then(() =>
        reject(
          new GoshawkError(
            'device-ended',
            `${device} ended: ${this.#logTail.trim() || 'without a word'}`,
            'Its last words say why; with --debug there are more of them.',
          ),
        ),
      );
    });
    this.#started.catch(() => {});
  }

  /** Resolves when it runs; rejects with the end of its log when it ended before. */
  started(): Promise<void> {
    return this.#started;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote to stderr last. */
  get logTail(): string {
    return this.#logTail.trim();
  }

  /** Ends it properly and gives what it counted; undefined when it had to be killed or died. */
  async stop(timeoutMs = 15_000): Promise<AgentSummary | undefined> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
    return this.#summary;
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
