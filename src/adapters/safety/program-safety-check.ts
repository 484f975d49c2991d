import { spawn } from 'node:child_process';
import type { SafetyCheck } from '../../agent/index.ts';
import { LimitError, MissingError } from '../../base/index.ts';

const mostBytes = 2_000;

/** A program is asked, without a shell: status 0 says that it is safe, any other that it is not; its first line says why. */
export class ProgramSafetyCheck implements SafetyCheck {
  readonly #command: readonly string[];
  readonly #timeoutMs: number;

  constructor(command: readonly string[], timeoutMs: number) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
  }

  whyNot(signal: AbortSignal): Promise<string | undefined> {
    const [program = '', ...given] = this.#command;
    return new Promise((resolve, reject) => {
      const child = spawn(program, given, {
        stdio: ['ignore', 'pipe', 'ignore'],
        signal,
        killSignal: 'SIGKILL',
      });
      let said = '';
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
        // What it started may hold its output open.
        child.stdout.destroy();
      }, this.#timeoutMs);
      child.stdout.on('data', (chunk: Buffer) => {
        if (said.length < mostBytes) said += chunk.toString('utf8').slice(0, mostBytes);
      });
      child.on('error', (cause) => {
        clearTimeout(timer);
        reject(
          new MissingError(
            'safety-program',
            `${program} cannot be started: ${cause.message}`,
            'Correct updates.program in the settings of the agent.',
            { cause },
          ),
        );
      });
      child.on('close', (code, killed) => {
        clearTimeout(timer);
        if (late)
          reject(
            new LimitError(
              'safety-program-late',
              `${program} gave no answer within ${this.#timeoutMs / 1000} s.`,
              'Make it answer sooner, or raise updates.timeoutSeconds.',
            ),
          );
        else if (code === 0) resolve(undefined);
        else {
          const line = said.trim().split('\n')[0] ?? '';
          resolve(line === '' ? `${program} ended with ${code ?? killed}.` : line);
        }
      });
    });
  }
}
