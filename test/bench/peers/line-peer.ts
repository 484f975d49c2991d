import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export type Environment = Readonly<Record<string, string>>;

/** A process that stays up and answers one line of JSON with one line of JSON. One question at a time. */
export class LinePeer {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  constructor(name: string, command: string, args: readonly string[], environment: Environment = {}) {
    this.#name = name;
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  async ask<T>(question: Record<string, unknown>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = () => reject(new Error(`${this.#name} ended over ${JSON.stringify(question)}`));
      this.#child.once('exit', fail);
      this.#lines.once('line', (line) => {
        this.#child.off('exit', fail);
        resolve(JSON.parse(line) as T);
      });
      this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  async times(question: Record<string, unknown>, iterations: number): Promise<number[]> {
    return (await this.ask<{ ms: number[] }>({ ...question, iterations })).ms;
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

/** Runs a program to its end; its last line is JSON. */
export function lastLine<T>(
  command: string,
  args: readonly string[],
  environment: Environment = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const line = text.trim().split('\n').at(-1) ?? '';
      if (code === 0 && line !== '') resolve(JSON.parse(line) as T);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}
