import {
  describeError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
} from '../../base/index.ts';
import type { ErrorMessage } from './messages.ts';

const families = {
  input: InputError,
  missing: MissingError,
  limit: LimitError,
  internal: InternalError,
} as const;

/** A thrown value as plain data for the way to the other thread. */
export function packError(error: unknown): ErrorMessage {
  if (error instanceof GoshawkError) {
    const family = (Object.keys(families) as (keyof typeof families)[]).find(
      (name) => error instanceof families[name],
    );
    return { family: family ?? 'internal', code: error.code, message: error.message, remedy: error.remedy };
  }
  return {
    family: 'internal',
    code: 'detector-failed',
    message: `The network failed on this frame: ${describeError(error)}.`.replace(/\.+$/, '.'),
    remedy: 'If every frame fails, import the model again and try `goshawk model evaluate`.',
  };
}

export function unpackError({ family, code, message, remedy }: ErrorMessage): GoshawkError {
  return new families[family](code, message, remedy);
}
