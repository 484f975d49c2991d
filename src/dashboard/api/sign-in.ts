import { Value } from '../observable/value.ts';
import type { Failure } from './failure.ts';
import { cookieSession, sessionEnd, token } from './token.ts';
import type { SignInWays } from './types.ts';

/** How people sign in here; undefined while nobody knows. */
export const signInWays = new Value<SignInWays | undefined>(undefined);

const again = 'Sign in again, or ask an admin.';
/** By the code of the controller. */
const words: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  'person-no-role': [
    'You are in no group that has a role in this fleet.',
    'Ask an admin to add one of your groups.',
  ],
  'sign-in-late': ['The sign-in took too long, or was begun in another browser.', 'Sign in again.'],
  'provider-away': ['The sign-in service does not answer.', 'Try again, or ask an admin.'],
};

/** What the controller put into the address after a sign-in that failed; it leaves the address at once. */
function takeFailure(fragment: string): Failure | undefined {
  const [, code] = /^#sign-in=([a-z0-9-]{1,64})$/.exec(fragment) ?? [];
  if (code === undefined) return undefined;
  const [message, remedy] = words[code] ?? ['You are not signed in.', again];
  return { status: 0, code, message, remedy };
}

/** Called once: a browser that has a session needs no token. */
export async function findSession(): Promise<void> {
  const failure = takeFailure(location.hash);
  if (failure !== undefined) {
    history.replaceState(null, '', '#/');
    sessionEnd.set(failure);
  }
  try {
    const response = await fetch('auth/ways', { cache: 'no-store', credentials: 'same-origin' });
    if (!response.ok) return;
    const ways = (await response.json()) as SignInWays;
    signInWays.set(ways);
    if (ways.signedIn && token.get() === undefined) token.set(cookieSession);
  } catch {
    // Without a controller there is no session; a token may still be given.
  }
}
