import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LogLevel, parseDurationMs } from '../base/index.ts';
import type { WorkPorts } from '../workbench/index.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Output, type OutputFormat, outputFormats, outputLog } from './output.ts';
import { stopSignals } from './stop-signals.ts';
import { explainSystemError } from './system-error.ts';

/** What every command gets beside its own arguments. */
export interface CommandContext {
  readonly output: Output;
  /** Aborted by Ctrl+C, SIGTERM, or when whoever reads stdout went away. */
  readonly signal: AbortSignal;
}

/** Adds one command, or a group of them, to the program. Imports of heavy modules belong into the action. */
export type CommandModule = (program: Command) => void;

/** Exit status of the command; default 0. */
export type Action<Options> = (
  context: CommandContext,
  options: Options,
  args: readonly string[],
) => Promise<number | undefined>;

/** Gives a command `--format`, `--json`, `--debug` and its action, with signals and errors handled in one place. */
export function finish<Options>(command: Command, action: Action<Options>): Command {
  return command
    .addOption(
      new Option('-o, --format <format>', 'table, wide (not cut, times in UTC), json or yaml')
        .choices(outputFormats)
        .default('table'),
    )
    .addOption(
      new Option('--json', 'the same as -o json: stdout holds one JSON value per line only').implies({
        format: 'json',
      }),
    )
    .option('--debug', 'show stacks and details')
    .action(async (...received: unknown[]) => {
      const options = command.opts<Options & { readonly format: OutputFormat; readonly debug?: boolean }>();
      // An argument that may be left out and was is undefined.
      const args = received
        .slice(0, -2)
        .flat()
        .flatMap((arg) => (arg === undefined ? [] : String(arg)));
      process.exitCode = await perform(options.format, options.debug === true, (context) =>
        action(context, options, args),
      );
      // An engine that hangs would hold the process.
      if (process.exitCode === exitCodes.restart.code) process.exit();
    });
}

async function perform(
  format: OutputFormat,
  debug: boolean,
  run: (context: CommandContext) => Promise<number | undefined>,
): Promise<number> {
  const { signal } = stopSignals;
  const yaml = format === 'yaml' ? { yaml: (await import('yaml')).stringify } : {};
  const output = new Output({ format, debug, ...yaml }, () => stopSignals.stop());
  const stopped = () => (stopSignals.wanted ? exitCodes.interrupted.code : exitCodes.ok.code);
  try {
    return (await run({ output, signal })) ?? stopped();
  } catch (thrown) {
    if (signal.aborted) return stopped();
    const error = explainSystemError(thrown);
    output.error(error);
    return exitCodeOf(error);
  }
}

/** `20s`, `1.5m`, `500ms`, `2h`; a bare number is seconds. Milliseconds. */
export function parseDuration(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs !== undefined) return durationMs;
  throw new InvalidArgumentError('Write a duration, for example 20s, 5m or 500ms.');
}

/** Of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** With a default as a person types it, and as the help shows it. */
export function durationOption(flags: string, description: string, given: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(given), given);
}

/** `--wait`, and `--timeout`, which is of no use without it and implies it. */
export function withWaiting(command: Command, what: string, given: string): Command {
  return command.option('--wait', what).addOption(
    durationOption('--timeout <duration>', 'how long to wait; implies --wait', given).implies({
      wait: true,
    }),
  );
}

/** The least severity that is listed. */
export function severityOption(): Option {
  return new Option('--severity <level>', 'this severity and above').choices([
    'info',
    'warning',
    'error',
    'critical',
  ]);
}

/** A whole number of at least `least`. */
export function parseCount(least = 1): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 1_000_000_000) return value;
    throw new InvalidArgumentError(`A whole number from ${least} is needed.`);
  };
}

/** A number from `low` to `high`. */
export function parseNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A number from ${low} to ${high} is needed.`);
  };
}

/** A text that is given once; `instead`: what to do where there are several. */
export function parseOnce(instead: string): (text: string, before: string | undefined) => string {
  return (text, before) => {
    if (before === undefined) return text;
    throw new InvalidArgumentError(`It was given twice. ${instead}`);
  };
}

/** `a,b,c` without empty parts. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** What work at the workbench is given by a command; its log says what is as bad as `least`, or worse. */
export function workPorts({ output, signal }: CommandContext, least?: LogLevel): WorkPorts {
  return {
    log: outputLog(output, {}, least),
    startProgress: (what, total) => output.progress(what, total),
    signal,
  };
}

/** Examples below the help of a command. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ goshawk ${line}`).join('\n')}`;
}
