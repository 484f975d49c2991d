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

export interface OutputOptions {
  readonly json: boolean;
  readonly debug: boolean;
  readonly stdout?: Writable;
  readonly stderr?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * All that a command says. Results go to stdout, in words or as one JSON value per line; progress, warnings and errors go
 * to stderr, so that a pipe carries results alone. Nothing that a device or a model is called steers the terminal. A reader that went away (`| head`) ends the command quietly.
 */
export class Output {
  readonly json: boolean;
  readonly debug: boolean;
  readonly #stdout: Writable;
  readonly #stderr: Writable & { readonly isTTY?: boolean };
  #closed = false;
  #bar: Progress | undefined;

  /** `readerLeft` is called once when stdout can't be written any more. */
  constructor(options: OutputOptions, readerLeft: () => void = () => {}) {
    this.json = options.json;
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

  /** A line for a person; nothing with --json. */
  line(text = ''): void {
    if (!this.json) this.#write(`${printable(text, { lines: true })}\n`);
  }

  /** One JSON value on one line; nothing without --json. */
  value(value: unknown): void {
    if (this.json) this.#write(`${printableJson(JSON.stringify(value))}\n`);
  }

  /** A JSON document as it stands in a file, with --json or without. */
  document(value: unknown): void {
    this.#write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** Columns with equal width; numbers to the right. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    if (this.json) return;
    for (const row of tableLines(head, rows)) this.line(row);
  }

  /** A remark beside the result, on stderr. */
  note(text: string): void {
    if (!this.json) this.#say(text);
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
    if (this.json || this.#stderr.isTTY !== true) return { advance() {}, stop() {} };
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

export function tableLines(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  const cells = [head, ...rows.map((row) => row.map((cell) => printable(String(cell))))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])));
  return cells.map((row) =>
    row
      .map((cell, column) =>
        right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function isNumber(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || /^-?[\d.,]+ ?(%|ms|MB|kB|GB)?$/.test(cell ?? '');
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
