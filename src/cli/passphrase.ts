import { InputError } from '../base/index.ts';
import { readNamedFile } from '../platform/index.ts';
import { typedSecret } from './typed.ts';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/** Of a file, or typed without being shown. InputError `passphrase-missing` where there is neither file nor terminal. */
export async function passphraseOf(
  { passphraseFile }: PassphraseOptions,
  ask = 'Passphrase',
): Promise<string> {
  if (passphraseFile !== undefined) return passphraseIn(passphraseFile);
  if (!process.stdin.isTTY)
    throw new InputError(
      'passphrase-missing',
      'The key needs a passphrase, and there is no terminal to ask you.',
      'Give --passphrase-file FILE.',
    );
  return typed(`${ask}: `);
}

/** The same for a new key: typed twice. */
export async function newPassphrase(options: PassphraseOptions): Promise<string> {
  const passphrase = await passphraseOf(options, 'New passphrase');
  if (passphrase.length < 8)
    throw new InputError(
      'passphrase-short',
      'The passphrase has fewer than 8 characters.',
      'Use several words.',
    );
  if (options.passphraseFile === undefined && (await typed('Once more: ')) !== passphrase)
    throw new InputError('passphrase-other', 'The two passphrases are not the same.', 'Try again.');
  return passphrase;
}

async function passphraseIn(file: string): Promise<string> {
  return String(await readNamedFile(file, 'read the passphrase')).replace(/\r?\n$/, '');
}

async function typed(question: string): Promise<string> {
  const answer = await typedSecret(question);
  if (answer !== undefined) return answer;
  throw new InputError(
    'passphrase-missing',
    'No passphrase was typed.',
    'Type one, or give --passphrase-file FILE.',
  );
}
