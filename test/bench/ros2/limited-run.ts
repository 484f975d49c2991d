/* A program of a bench that may hang: Fast DDS 3.1.2 waits for ever now and then, mostly where it joins or leaves. */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';

export interface LimitedRun {
  /** All that it said, also before it was ended. */
  readonly stdout: string;
  readonly hung: boolean;
}

/** Throws where it ended by itself and badly. */
export function runLimited(
  program: string,
  args: readonly string[],
  { env, limitMs }: { readonly env: NodeJS.ProcessEnv; readonly limitMs: number },
): Promise<LimitedRun> {
  // One that hangs may not hear the polite signal either.
  const options = { env, timeout: limitMs, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout) => {
      const hung = error?.killed === true;
      if (error !== null && !hung) reject(error);
      else resolve({ stdout, hung });
    });
  });
}

/** Asked to end, and ended where it does not. */
export async function endWithin(child: ChildProcess, limitMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  child.kill();
  await ended;
  clearTimeout(timer);
}
