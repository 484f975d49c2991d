import { fork } from 'node:child_process';
import { CancelledError, GoshawkError, LimitError } from '../../base/index.ts';
import { moduleArguments, moduleUrl, unpackError } from '../../platform/index.ts';
import type { OutcomeOf, TrialJob, TrialReply } from './job.ts';

/** What a process that died said last, at most. */
const mostSaid = 2000;

/** What a process may take to end after its reply. */
const endMs = 2000;

export interface JobLimits {
  /** As it begins a sentence: `The engine`. */
  readonly what: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** What the process sees in place of this one's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: ours. */
  readonly module?: URL;
}

/**
 * The outcome of a job in a process of its own: a library may crash it, or hang. Rejects with the reason that it gives, with
 * one that names the signal where the process died, with a LimitError after `limitMs`, with a CancelledError when the signal
 * fires.
 */
export function runJob<Job extends TrialJob>(job: Job, limits: JobLimits): Promise<OutcomeOf<Job>> {
  const { what, limitMs, signal, environment, module = moduleUrl('./process', import.meta.url) } = limits;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new CancelledError(what));
      return;
    }
    const { execArgv, path } = moduleArguments(module);
    const child = fork(path, [], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(environment === undefined ? {} : { env: { ...environment } }),
    });
    let said = '';
    let reply: TrialReply | undefined;
    let late = false;
    let ending: NodeJS.Timeout | undefined;
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, limitMs);
    signal.addEventListener('abort', stop, { once: true });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-mostSaid);
    });
    child.once('message', (message) => {
      reply = message as TrialReply;
      // A library may hang while its process ends.
      ending = setTimeout(stop, endMs);
    });
    child.once('error', reject);
    // By the channel: an argument would stand in the process list, and a source may have a password.
    child.send(job, () => {});
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      clearTimeout(ending);
      signal.removeEventListener('abort', stop);
      if (reply?.ok === true) resolve(reply.outcome as OutcomeOf<Job>);
      else if (reply !== undefined) reject(unpackError(reply.error));
      else if (signal.aborted) reject(new CancelledError(what));
      else if (late) reject(tooLate(what, limitMs));
      else reject(died(what, code, killedBy, said));
    });
  });
}

function tooLate(what: string, limitMs: number): LimitError {
  return new LimitError(
    'trial-late',
    `${what} had no answer after ${Math.round(limitMs / 1000)} s.`,
    'Check the load and the memory of the board, and try again. For an engine, selftest takes --limit.',
  );
}

function died(
  what: string,
  code: number | null,
  killedBy: NodeJS.Signals | null,
  said: string,
): GoshawkError {
  const how = killedBy === null ? `with exit status ${code}` : `by ${killedBy}`;
  const last = said.trim().split('\n').at(-1)?.trim() ?? '';
  return new GoshawkError(
    'trial-crash',
    `${what} ended its process ${how}.${last === '' ? '' : ` Its last words: ${last}`}`,
    killedBy === 'SIGKILL'
      ? 'Most likely the memory ran out: stop another program, or add swap.'
      : 'Reinstall the programs that it needs, or Goshawk. If this happens again, send us the report.',
  );
}
