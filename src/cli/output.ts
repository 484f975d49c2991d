import { once } from 'node:events';
import type { Writable } from 'node:stream';
import {
  describeError,
  GoshawkError,
  type Log,
  type LogLevel,
  logLevels,
  printable,
  printableJson,
} from '../base/index.ts';
import type { Progress } from '../runtime/index.ts';
import { type Quantity, quantityWords } from './quantity.ts';
import { type Cell, tableLines } from './table.ts';

/** `table`: words and tables; `wide`: tables that are not cut, with times of the calendar; `json`, `yaml`: one value each. */
export const outputFormats = ['table', 'wide', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly debug: boolean;
  /** Writes a value as YAML; needed for that format alone. */
  readonly yaml?: (value: unknown) => string;
  readonly stdout?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * All that a command says. Results go to stdout, in words or as one JSON value per line; progress, warnings and errors go
 * to stderr, so that a pipe carries results alone. Nothing that a device or a model is called steers the terminal. A reader that went away (`| head`) ends the command quietly.
 */
export class Output {
  /** Whether values are written, for programs, instead of words. */
  readonly machine: boolean;
  readonly debug: boolean;
  readonly #format: OutputFormat;
  readonly #yaml: (value: unknown) => string;
  readonly #stdout: NonNullable<OutputOptions['stdout']>;
  readonly #stderr: Writable & { readonly isTTY?: boolean };
  #closed = false;
  #bar: Progress | undefined;

  /** `readerLeft` is called once when stdout can't be written any more. */
  constructor(options: OutputOptions, readerLeft: () => void = () => {}) {
    this.machine = options.format === 'json' || options.format === 'yaml';
    this.#format = options.format;
    this.#yaml = options.yaml ?? JSON.stringify;
    this.debug = options.debug;
    this.#stdout = options.stdout ?? process.stdout;
    this.#stderr = options.stderr ?? process.stderr;
    this.#stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#closed) return;
      this.#closed = true;
      if (error.code !== 'EPIPE') this.warn(`stdout can't be written: ${error.message}`);
      readerLeft();
    });
    this.#stderr.on('error', () => {});
  }

  /** A line for a person; nothing in a format for programs. */
  line(text = ''): void {
    if (!this.machine) this.#write(`${printable(text, { lines: true })}\n`);
  }

  /** A time, a size or a duration inside of a line, as a table of this command shows it. */
  words(quantity: Quantity): string {
    return quantityWords(quantity, { absolute: this.#format === 'wide' });
  }

  /** One value for programs: a line of JSON or a document of YAML; nothing for a person. */
  value(value: unknown): void {
    if (this.#format === 'json') this.#write(`${printableJson(JSON.stringify(value))}\n`);
    if (this.#format === 'yaml') this.#write(`---\n${printable(this.#yaml(value), { lines: true })}`);
  }

  /** A JSON document as it stands in a file, with --json or without. */
  document(value: unknown): void {
    this.#write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** A table for a person. `empty`: what is said in its place, on stderr, where it has no rows. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[], empty: string): void {
    if (this.machine) return;
    if (rows.length === 0) {
      this.note(empty);
      return;
    }
    const { isTTY, columns } = this.#stdout;
    const terminal = isTTY === true && this.#format === 'table';
    const style = {
      // A terminal without a size says 0.
      ...(terminal && columns !== undefined && columns > 0 ? { width: columns } : {}),
      absolute: this.#format === 'wide',
      colour: isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    };
    // Cells are printable already, and colours are sequences of our own.
    for (const row of tableLines(head, rows, style)) this.#write(`${row}\n`);
  }

  /** A remark beside the result, on stderr. */
  note(text: string): void {
    if (!this.machine) this.#say(text);
  }

  warn(text: string): void {
    this.logLine('warning', text);
  }

  /** A line beside the results, with what kind of line it is in front. */
  logLine(kind: string, text: string): void {
    this.#say(`${kind}: ${text}`);
  }

  /** Message and remedy, without a stack unless --debug. With --json the error is also the last line of stdout. */
  error(error: unknown): void {
    const known = error instanceof GoshawkError ? error : undefined;
    this.#say(`goshawk: ${known?.message ?? describeError(error)}`);
    if (known !== undefined && known.remedy !== '') this.#say(`  -> ${known.remedy}`);
    if (this.debug) {
      if (known !== undefined) this.#say(`  code: ${known.code}`);
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
        this.#say(cause.stack ?? '');
    } else if (known === undefined) {
      this.#say('  -> Run it again with --debug for details.');
    }
    const code = known?.code ?? 'failed';
    this.value({
      ok: false,
      error: { code, message: known?.message ?? describeError(error), remedy: known?.remedy ?? '' },
    });
  }

  /** A bar on a terminal, with the note behind it; silent elsewhere and with --json. */
  async progress(what: string, total: number): Promise<Progress> {
    if (this.machine || this.#stderr.isTTY !== true) return { advance() {}, stop() {} };
    const { SingleBar } = await import('cli-progress');
    const bar = new SingleBar({
      format: `${what} [{bar}] {value}/{total} {note}`,
      barCompleteChar: '=',
      barIncompleteChar: ' ',
      hideCursor: true,
      stream: this.#stderr,
      etaBuffer: 50,
    });
    bar.start(total, 0, { note: '' });
    this.#bar = {
      advance: (by, note) => bar.increment(by, note === undefined ? {} : { note }),
      stop: () => {
        bar.stop();
        this.#bar = undefined;
      },
    };
    return this.#bar;
  }

  /** Waits while whoever reads stdout is behind, so that a slow reader does not fill the memory. */
  async drained(): Promise<void> {
    if (!this.#closed && this.#stdout.writableNeedDrain) {
      await once(this.#stdout, 'drain').catch(() => {});
    }
  }

  #write(text: string): void {
    if (!this.#closed) this.#stdout.write(text);
  }

  #say(text: string): void {
    // The bar is wiped from its line; it is drawn again below with its next step.
    this.#stderr.write(`${this.#bar === undefined ? '' : '\r\u001b[K'}${printable(text, { lines: true })}\n`);
  }
}

/** Lines of the parts on stderr: all with --debug, else those from `least` on. */
export function outputLog(
  output: Output,
  fields: Readonly<Record<string, unknown>> = {},
  least: LogLevel = 'warn',
): Log {
  const from = output.debug ? 0 : logLevels.indexOf(least);
  const say = (level: LogLevel, message: string, more: Readonly<Record<string, unknown>> = {}) => {
    if (logLevels.indexOf(level) < from) return;
    const all = Object.entries({ ...fields, ...more }).map(([key, value]) => `${key}=${String(value)}`);
    output.logLine(level === 'warn' ? 'warning' : level, [message, ...all].join(' '));
  };
  return {
    debug: (message, more) => say('debug', message, more),
    info: (message, more) => say('info', message, more),
    warn: (message, more) => say('warn', message, more),
    error: (message, more) => say('error', message, more),
    child: (more) => outputLog(output, { ...fields, ...more }, least),
  };
}
