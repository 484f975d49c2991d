import { readNamedFile } from '../platform/index.ts';
import { typedSecret } from './typed.ts';

export interface CameraLogin {
  readonly username?: string;
  readonly passwordFile?: string;
}

/** From the file, or typed at the prompt where there is a terminal. */
export async function cameraPassword({ username, passwordFile }: CameraLogin): Promise<string | undefined> {
  if (passwordFile !== undefined) {
    return String(await readNamedFile(passwordFile, 'read the password')).replace(/\r?\n$/, '');
  }
  if (username === undefined || !process.stdin.isTTY) return undefined;
  return (await typedSecret(`Password of ${username}: `)) || undefined;
}
