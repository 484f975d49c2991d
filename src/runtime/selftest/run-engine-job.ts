import { fork } from 'node:child_process';
import { CancelledError, GoshawkError, LimitError } from '../../base/index.ts';
import { moduleArguments, moduleUrl } from '../../platform/index.ts';
import type { EngineJob, EngineOutcome, EngineReply } from './engine-job.ts';

/** What a process that died said last, at most. */
const mostSaid = 2000;

/**
 * The outcome of a job in a process of its own. Rejects with the reason of the engine, with one that names the signal
 * where the process died, with a LimitError after `limitMs`, with a CancelledError when the signal fires.
 */
export function runEngineJob(
  job: EngineJob,
  limitMs: number,
  signal: AbortSignal,
  module: URL = moduleUrl('./engine-process', import.meta.url),
): Promise<EngineOutcome> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new CancelledError('The selftest'));
      return;
    }
    const { execArgv, path } = moduleArguments(module);
    const child = fork(path, [JSON.stringify(job)], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    let reply: EngineReply | undefined;
    let late = false;
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
      reply = message as EngineReply;
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (reply?.ok === true) resolve(reply.outcome);
      else if (reply !== undefined) reject(new GoshawkError(reply.code, reply.message, reply.remedy));
      else if (signal.aborted) reject(new CancelledError('The selftest'));
      else if (late) reject(tooLate(limitMs));
      else reject(died(code, killedBy, said));
    });
  });
}

function tooLate(limitMs: number): LimitError {
  return new LimitError(
    'selftest-late',
    `The engine had no answer after ${Math.round(limitMs / 1000)} s.`,
    'Look at the load and the memory of the board, and give it more time with --limit.',
  );
}

function died(code: number | null, killedBy: NodeJS.Signals | null, said: string): GoshawkError {
  const how = killedBy === null ? `with exit status ${code}` : `by ${killedBy}`;
  const last = said.trim().split('\n').at(-1)?.trim() ?? '';
  return new GoshawkError(
    'selftest-crash',
    `The engine ended its process ${how}.${last === '' ? '' : ` Its last words: ${last}`}`,
    killedBy === 'SIGKILL'
      ? 'Most likely the memory ran out: stop something else, or add swap.'
      : 'An agent takes the next engine after such a crash. Send us the report.',
  );
}
