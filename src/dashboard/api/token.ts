import { Value } from '../observable/value.ts';
import type { Failure } from './failure.ts';
import { joinTabs, type Tabs } from './tabs.ts';

/*
 * The token lives in sessionStorage: it ends with the last tab and is never sent by the browser by itself, so no other
 * site can use it. A new tab gets it from one that is open. It arrives in the fragment of the address (`#token=...`), which no server and no log sees.
 */
const key = 'goshawk.token';

export interface Arrival {
  readonly token: string | undefined;
  /** What the address bar should show afterwards. */
  readonly fragment: string;
}

/** Takes a token out of a fragment: `#token=abc` or `#token=abc&to=/devices/cam-7`. */
export function readArrival(fragment: string): Arrival {
  const text = fragment.replace(/^#/, '');
  if (!/(^|&)token=/.test(text)) return { token: undefined, fragment: text === '' ? '#/' : `#${text}` };
  const values = new URLSearchParams(text);
  const token = values.get('token')?.trim();
  const to = values.get('to') ?? '/';
  return { token: token || undefined, fragment: to.startsWith('/') ? `#${to}` : '#/' };
}

/** In place of a token: the browser has a session, which it sends itself and no script can read. */
export const cookieSession = 'session of this browser';

export const token = new Value<string | undefined>(undefined);
/** A link that came while a session was open: its maker may have meant another fleet, or another person. */
export const offeredToken = new Value<string | undefined>(undefined);
/** Why the last session ended, when it was not by the user. */
export const sessionEnd = new Value<Failure | undefined>(undefined);

/** True while a new tab waits for the session of another one. */
export const seeking = new Value(false);
/** An open tab answers at once; one that the browser put to sleep does not. */
const seekMs = 300;
let tabs: Tabs | undefined;

/** Called once, before anything is drawn: the token leaves the address bar and the history at once. */
export function takeTokenFromAddress(): void {
  takeArrival();
  // The link can also be pasted into a tab that already shows the dashboard.
  addEventListener('hashchange', takeArrival);
  tabs = joinTabs({
    session: () => token.get(),
    offered: (session) => {
      if (seeking.get() && token.get() === undefined) signIn(session);
      seeking.set(false);
    },
    ended: (session) => {
      if (token.get() === session) forget(undefined);
    },
  });
  if (token.get() !== undefined) return;
  seeking.set(true);
  tabs.ask();
  setTimeout(() => seeking.set(false), seekMs);
}

function takeArrival(): void {
  const arrival = readArrival(location.hash);
  if (arrival.token !== undefined || location.hash === '') history.replaceState(null, '', arrival.fragment);
  // A session of the browser is in no storage, and another page of the dashboard does not end it.
  const session = token.get() === cookieSession ? cookieSession : undefined;
  const open = sessionStorage.getItem(key) ?? session;
  const asks = asksFirst(open, arrival);
  offeredToken.set(asks ? arrival.token : undefined);
  if (arrival.token !== undefined && !asks) sessionStorage.setItem(key, arrival.token);
  token.set(sessionStorage.getItem(key) ?? session);
}

/** An open session is left for another only by whoever sits before it. */
export function asksFirst(open: string | undefined, arrival: Arrival): boolean {
  return open !== undefined && arrival.token !== undefined && arrival.token !== open;
}

/** The answer to a link with another token. */
export function answerOffer(takes: boolean): void {
  const offered = offeredToken.get();
  offeredToken.set(undefined);
  if (takes && offered !== undefined) signIn(offered);
}

export function signIn(value: string): void {
  sessionEnd.set(undefined);
  sessionStorage.setItem(key, value.trim());
  token.set(value.trim());
}

/** In every tab; or in this one, whose token is refused for a reason. */
export function signOut(reason?: Failure): void {
  const ended = token.get();
  if (ended === cookieSession) void endSession();
  if (reason === undefined && ended !== undefined) tabs?.end(ended);
  forget(reason);
}

function forget(reason: Failure | undefined): void {
  sessionEnd.set(reason);
  sessionStorage.removeItem(key);
  token.set(undefined);
}

/** Where the controller is away the session ends by its own time. */
async function endSession(): Promise<void> {
  await fetch('auth/sign-out', { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
}
