import {
  CancelledError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../base/index.ts';

/** Children of GoshawkError that are made of a code, a message and a remedy. */
const families = {
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
}

export function packError(error: GoshawkError): PackedError {
  const { code, message, remedy } = error;
  return { family: familyOf(error), code, message, remedy };
}

/** The error as it was, without its cause; a class of its own becomes the nearest one of base. */
export function unpackError({ family, code, message, remedy }: PackedError): GoshawkError {
  if (family === 'other') return new GoshawkError(code, message, remedy);
  if (family === 'cancelled') return new CancelledError(message.slice(0, -cancelledEnd.length));
  return new families[family](code, message, remedy);
}

const cancelledEnd = ' was cancelled.';

function familyOf(error: GoshawkError): PackedError['family'] {
  if (error instanceof CancelledError) return 'cancelled';
  const names = Object.keys(families) as Family[];
  return names.find((name) => error instanceof families[name]) ?? 'other';
}
