import { describeError, GoshawkError, LimitError, RefusedError } from '../../base/index.ts';
import { sqliteFault } from '../../platform/index.ts';

/** Any failure of the store in words a person can act on. */
export function storeError(error: unknown, where: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = { cause: error };
  const fault = sqliteFault(error);
  switch (fault) {
    case 'busy':
      return new RefusedError(
        'outbox-busy',
        `Another program uses the outbox in ${where}.`,
        'Stop the other agent, or give this one its own data folder.',
        cause,
      );
    case 'full':
      return new LimitError(
        'outbox-disk',
        `The disk is full: the outbox in ${where} can't grow.`,
        'Make room on that disk; until then entries are kept in memory and sent while there is a connection.',
        cause,
      );
    case 'corrupt':
      return new LimitError(
        'outbox-disk',
        `The outbox in ${where} is damaged: ${describeError(error)}.`,
        'Start the agent again: it moves the damaged file aside. Check the disk.',
        cause,
      );
    default:
      return new LimitError(
        'outbox-disk',
        `The outbox in ${where} can't be written: ${describeError(error)}.`,
        fault === 'readonly' || fault === 'unopenable'
          ? 'Give the agent write access to its data folder.'
          : 'Check the disk of the data folder.',
        cause,
      );
  }
}
