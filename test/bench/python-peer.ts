import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const python = '/usr/bin/python3';

/** The Python process of peer.py; answers one question at a time. */
export class PythonPeer {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  /** Undefined, with the reason, where Debian's python3-opencv and python3-onnxruntime are not installed. */
  static start(): PythonPeer | string {
    const probe = spawnSync(python, ['-c', 'import cv2, numpy, onnxruntime'], { encoding: 'utf8' });
    if (probe.status !== 0) {
      return `no Python peer: ${probe.stderr?.trim().split('\n').at(-1) ?? 'no python3'}; apt-get install python3-opencv python3-onnxruntime`;
    }
    return new PythonPeer();
  }

  private constructor() {
    this.#child = spawn(python, [fileURLToPath(new URL('./peer.py', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  async ask<T>(question: Record<string, unknown>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = () => reject(new Error(`The Python peer ended while it was asked for ${String(question.stage)}.`));
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
    this.#child.kill();
  }
}
