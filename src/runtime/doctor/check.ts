import { execFile } from 'node:child_process';

/** `ok`: there. `absent`: something optional is not there. `broken`: there but does not work, or it is needed. */
export type CheckState = 'ok' | 'absent' | 'broken';

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was found, in words. */
  readonly detail: string;
  /** What one gains with it and how to get it; absent where nothing is to do. */
  readonly remedy?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
export const absent = (name: string, detail: string, remedy: string): Check => ({
  name,
  state: 'absent',
  detail,
  remedy,
});
export const broken = (name: string, detail: string, remedy: string): Check => ({
  name,
  state: 'broken',
  detail,
  remedy,
});

/** First line that a program prints, or undefined where it is not there or fails with another status than `allowed`. */
export function firstLineOf(
  program: string,
  args: readonly string[],
  allowed: readonly number[] = [],
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 5000, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      const line = `${stdout}\n${stderr}`.trim().split('\n')[0]?.trim();
      const good = error === null || (typeof error.code === 'number' && allowed.includes(error.code));
      resolve(good ? (line ?? '') : undefined);
    });
  });
}
