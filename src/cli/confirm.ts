import { CancelledError, InputError } from '../base/index.ts';
import { typedAnswer } from './typed.ts';

/** Asks before what can't be undone. InputError `confirmation-missing` without a terminal, CancelledError at a no. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new InputError(
      'confirmation-missing',
      `${question} There is no terminal to ask you.`,
      'Add --yes.',
    );
  const answer = await typedAnswer(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new CancelledError('It');
}
