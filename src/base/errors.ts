/**
 * The one error root. Every failure that a person may meet carries a `code` (stable, documented in docs/errors.md),
 * a message that names the cause and a `remedy` that says what to do. Each layer adds context and keeps `cause`.
 */
export class GoshawkError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.remedy = remedy;
  }

  /** Message and remedy as one text for a terminal or an event. */
  explain(): string {
    return this.remedy === '' ? this.message : `${this.message} ${this.remedy}`;
  }
}

/** What came from outside (a file, a payload, an argument) is not what was promised. */
export class InputError extends GoshawkError {}
/** Something that must be there is not: a program, a library, a file, a device. */
export class MissingError extends GoshawkError {}
/** The other side is there and wants to be asked later. */
export class BusyError extends MissingError {
  /** What it asked for, bounded; undefined where it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, remedy: string, retryAfterMs?: number) {
    super(code, message, remedy);
    this.retryAfterMs = retryAfterMs;
  }
}
/** The other side said no: credentials, permissions, a refused order. */
export class RefusedError extends GoshawkError {}
/** A limit was reached: size, time, disk, memory. */
export class LimitError extends GoshawkError {}
/** The work was stopped on purpose: closed, cancelled. */
export class CancelledError extends GoshawkError {
  constructor(what: string, options?: { cause?: unknown }) {
    super('cancelled', `${what} was cancelled.`, '', options);
  }
}
/** A defect of ours: an invariant does not hold. */
export class InternalError extends GoshawkError {}

/** One line for any thrown value, without a stack. */
export function describeError(error: unknown): string {
  if (error instanceof GoshawkError) return error.explain();
  if (error instanceof Error) return error.message;
  return String(error);
}

/** The error itself when it is ours, else wrapped with a code and the original as cause. */
export function asGoshawkError(error: unknown, code: string, remedy = ''): GoshawkError {
  if (error instanceof GoshawkError) return error;
  return new GoshawkError(code, describeError(error), remedy, { cause: error });
}
