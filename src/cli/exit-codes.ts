import {
  CancelledError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../base/index.ts';

/** What a shell script can tell apart. The table in the help and in docs/cli.md is made from this one. */
export const exitCodes = {
  ok: { code: 0, meaning: 'Done.' },
  failed: { code: 1, meaning: 'It ran and failed, or a bound was missed.' },
  usage: { code: 2, meaning: 'The command line is not right.' },
  input: { code: 3, meaning: 'A file or an answer from outside is not what it must be.' },
  missing: { code: 4, meaning: 'Something is not there: a file, a program, a library, a device.' },
  refused: { code: 5, meaning: 'Refused: permissions, credentials, or something is in the way.' },
  limit: { code: 6, meaning: 'A limit was reached: disk, memory, size, time.' },
  internal: { code: 70, meaning: 'A defect of Goshawk. Please report it with the output of --debug.' },
  restart: {
    code: 75,
    meaning: 'Start it again: the fleet asked for it, or an engine does not recover in this process.',
  },
  interrupted: { code: 130, meaning: 'Stopped by Ctrl+C after closing properly.' },
} as const;

const restartCodes: ReadonlySet<string> = new Set(['engine-unrecovered', 'restart-requested']);

export function exitCodeOf(error: unknown): number {
  if (error instanceof GoshawkError && restartCodes.has(error.code)) return exitCodes.restart.code;
  if (error instanceof InputError) return exitCodes.input.code;
  if (error instanceof MissingError) return exitCodes.missing.code;
  if (error instanceof RefusedError) return exitCodes.refused.code;
  if (error instanceof LimitError) return exitCodes.limit.code;
  if (error instanceof CancelledError) return exitCodes.interrupted.code;
  if (error instanceof InternalError) return exitCodes.internal.code;
  return exitCodes.failed.code;
}

export function exitCodeTable(): string {
  const rows = Object.values(exitCodes).map(
    ({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`,
  );
  return `Exit status:\n${rows.join('\n')}`;
}
