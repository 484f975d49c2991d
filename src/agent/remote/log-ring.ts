import type { CallRequestOf, CallResultOf, LogLine, LogLineLevel } from '../../protocol/index.ts';
import { maxLogText } from '../../protocol/index.ts';

export interface LogEntry {
  readonly timeMs: number;
  readonly level: LogLineLevel;
  readonly message: string;
  /** As JSON. */
  readonly fields?: string;
}

export interface LogRingOptions {
  readonly maxLines: number;
  /** Characters of all lines. */
  readonly maxSize: number;
  /** Takes out what may not leave the device; a line is kept as this leaves it. */
  readonly redact: (text: string) => string;
}

const order: readonly LogLineLevel[] = ['debug', 'info', 'warn', 'error'];
/** Characters of the lines in one answer: as JSON in UTF-8 they stay below what a topic takes. */
const answerSize = 40_000;

/** The last lines of a log, numbered; the oldest make room. */
export class LogRing {
  readonly #options: LogRingOptions;
  readonly #lines: LogLine[] = [];
  #size = 0;
  #next = 1;

  constructor(options: LogRingOptions) {
    this.#options = options;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Lines of an earlier run go before those of this one; called before anything was added. */
  restore(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (line.number < this.#next) continue;
      this.#next = line.number + 1;
      this.#keep(line);
    }
  }

  add({ timeMs, level, message, fields }: LogEntry): void {
    const { redact: clean } = this.#options;
    const redact = (text: string) => clean(text.slice(0, 4 * maxLogText));
    this.#keep({
      ...{ number: this.#next++, timeMs: Math.max(0, timeMs), level },
      message: shortened(redact(message)),
      ...(fields === undefined || fields === '{}' ? {} : { fields: shortened(redact(fields)) }),
    });
  }

  read({ after, sinceMs, level = 'debug', limit }: CallRequestOf<'logs'>): CallResultOf<'logs'> {
    const least = order.indexOf(level);
    const first = this.#lines[0]?.number ?? this.#next;
    const fitting = this.#lines.filter(
      (line) =>
        line.number > (after ?? 0) && line.timeMs >= (sinceMs ?? 0) && order.indexOf(line.level) >= least,
    );
    const isTail = after === undefined && sinceMs === undefined;
    const lines = isTail ? fitting.slice(-limit) : fitting.slice(0, limit);
    // Of the tail the oldest line goes, otherwise the newest, which is asked for next.
    for (let size = total(lines); size > answerSize; )
      size -= sizeOf((isTail ? lines.shift() : lines.pop()) as LogLine);
    const more = !isTail && lines.length < fitting.length;
    const next = more ? (lines.at(-1)?.number ?? 0) : this.#next - 1;
    return { lines, next, more, lost: after === undefined ? 0 : Math.max(0, first - after - 1) };
  }

  #keep(line: LogLine): void {
    const { maxLines, maxSize } = this.#options;
    this.#lines.push(line);
    this.#size += sizeOf(line);
    let gone = 0;
    while (this.#lines.length - gone > 1 && (this.#lines.length - gone > maxLines || this.#size > maxSize))
      this.#size -= sizeOf(this.#lines[gone++] as LogLine);
    if (gone > 0) this.#lines.splice(0, gone);
  }
}

function sizeOf({ message, fields = '' }: LogLine): number {
  return message.length + fields.length + 60;
}

function total(lines: readonly LogLine[]): number {
  return lines.reduce((sum, line) => sum + sizeOf(line), 0);
}

function shortened(text: string): string {
  return text.length <= maxLogText ? text : `${text.slice(0, maxLogText - 3)}...`;
}
