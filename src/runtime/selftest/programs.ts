import { execFile } from 'node:child_process';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the machine to its end; undefined where it is not installed. Killed after the time: code -1. */
export function runProgram(
  program: string,
  args: readonly string[],
  timeoutMs = 10_000,
): Promise<Ended | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: timeoutMs, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (error.code === 'ENOENT') resolve(undefined);
      else resolve({ code: typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
  });
}

/** The last line that says something. */
export function lastWords(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
}
