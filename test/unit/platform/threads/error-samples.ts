import {
  CancelledError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../../src/base/index.ts';

/** One of every class. */
export const errors = {
  plain: () => new GoshawkError('a-code', 'Plain.', 'Do a.'),
  input: () => new InputError('b-code', 'Input.', 'Do b.'),
  missing: () => new MissingError('c-code', 'Missing.', 'Do c.'),
  refused: () => new RefusedError('d-code', 'Refused.', 'Do d.'),
  limit: () => new LimitError('e-code', 'Limit.', 'Do e.'),
  cancelled: () => new CancelledError('The work'),
  internal: () => new InternalError('f-code', 'Internal.', 'Do f.'),
};
export type Family = keyof typeof errors;
