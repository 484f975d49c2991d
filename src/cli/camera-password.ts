import { readFile } from 'node:fs/promises';
import { asGoshawkError } from '../base/index.ts';
import { typedSecret } from './typed.ts';

export interface CameraLogin {
  readonly username?: string;
  readonly passwordFile?: string;
}

/** From the file, or typed at the prompt where there is a terminal. */
export async function cameraPassword({ username, passwordFile }: CameraLogin): Promise<string | undefined> {
  if (passwordFile !== undefined) {
    const text = await readFile(passwordFile, 'utf8').catch((error: unknown) => {
      throw asGoshawkError(error, 'password-missing', `Create ${passwordFile}.`);
    });
    return text.replace(/\r?\n$/, '');
  }
  if (username === undefined || !process.stdin.isTTY) return undefined;
  return (await typedSecret(`Password of ${username}: `)) || undefined;
}
