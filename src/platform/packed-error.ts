import {
  BusyError,
  CancelledError,
  defined,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../base/index.ts';

/** Children of GoshawkError that are made of a code, a message and a remedy. */
const families = {
  // Before what it is a child of.
  busy: BusyError,
  input: InputError,
  missing: MissingError,
  refused: RefusedError,
  limit: LimitError,
  internal: InternalError,
} as const;

type Family = keyof typeof families;

/**
 * A GoshawkError as plain data, for the way to another thread or process: structured cloning and JSON keep neither its
 * class nor its code. The cause stays behind; a message names it.
 */
export interface PackedError {
  readonly family: Family | 'cancelled' | 'other';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Of a BusyError that says when to ask again. */
  readonly retryAfterMs?: number;
}

export function packError(error: GoshawkError): PackedError {
  const { code, message, remedy } = error;
  const asked = error instanceof BusyError ? error.retryAfterMs : undefined;
  const later = defined({ retryAfterMs: asked });
  return { family: familyOf(error), code, message, remedy, ...later };
}

/** The error as it was, without its cause; a class of its own becomes the nearest one of base. */
export function unpackError({ family, code, message, remedy, retryAfterMs }: PackedError): GoshawkError {
  if (family === 'other') return new GoshawkError(code, message, remedy);
  if (family === 'cancelled') return new CancelledError(message.slice(0, -cancelledEnd.length));
  if (family === 'busy') return new BusyError(code, message, remedy, retryAfterMs);
  return new families[family](code, message, remedy);
}

const cancelledEnd = ' was cancelled.';

function familyOf(error: GoshawkError): PackedError['family'] {
  if (error instanceof CancelledError) return 'cancelled';
  const names = Object.keys(families) as Family[];
  return names.find((name) => error instanceof families[name]) ?? 'other';
}
