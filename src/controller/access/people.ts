import type { SessionInfo, SessionList } from '../../api/index.ts';
import { type Clock, defined, MissingError, RefusedError, toHex } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { EventBus } from '../event-bus.ts';
import type { PeriodicTask } from '../module.ts';
import { type Claims, type PeopleRules, personOf } from './person-role.ts';
import type { Secrets } from './token-registry.ts';

/** What has to come back with an answer of the provider, and never goes through the browser. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Port: a provider of OpenID Connect. */
export interface IdentityProvider {
  /** Where the browser goes to sign in. */
  begin(): Promise<{ readonly address: string; readonly secrets: SignInSecrets }>;
  /** What the provider vouches for. Rejects with a RefusedError for an answer that is none of ours. */
  finish(query: string, secrets: SignInSecrets): Promise<Claims>;
}

export interface PeopleSetup extends PeopleRules {
  readonly provider: IdentityProvider;
  readonly sessionMs: number;
}

export interface PeoplePorts {
  readonly secrets: Pick<Secrets, 'randomBytes' | 'sha256'>;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly bus: EventBus;
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
}

interface Session {
  readonly caller: Caller;
  /** As a person reads it; the end is counted by the other clock. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

interface Begun {
  readonly secrets: SignInSecrets;
  readonly untilMs: number;
}

const signInMs = 600_000;
const mostBegun = 1_000;
const mostSessions = 10_000;

/**
 * People who sign in at a provider of OpenID Connect. Their sessions are in memory: after a restart of the controller the
 * provider signs them in again. No token of the provider is kept.
 *
 * INVARIANTS
 * - What a browser holds is random and known here by its digest alone.
 * - A sign-in ends in the browser in which it was begun, once.
 */
export class People {
  readonly #ports: PeoplePorts;
  readonly #setup: PeopleSetup;
  readonly #begun = new Map<string, Begun>();
  readonly #sessions = new Map<string, Session>();

  constructor(ports: PeoplePorts, setup: PeopleSetup) {
    this.#ports = ports;
    this.#setup = setup;
  }

  get sessionMs(): number {
    return this.#setup.sessionMs;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 60_000, run: () => this.#endOld() }];
  }

  /** `browser` is for a cookie. */
  async begin(): Promise<{ readonly address: string; readonly browser: string }> {
    const { address, secrets } = await this.#setup.provider.begin();
    const browser = this.#random();
    makeRoom(this.#begun, mostBegun);
    this.#begun.set(this.#digest(browser), { secrets, untilMs: this.#nowMs() + signInMs });
    return { address, browser };
  }

  /** `query`: of the address to which the provider sent the browser back. Gives what the session's cookie holds. */
  async finish(browser: string, query: string): Promise<string> {
    const key = this.#digest(browser);
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    if (begun === undefined || begun.untilMs < this.#nowMs())
      throw new RefusedError(
        'sign-in-late',
        'This sign-in is over, or was begun in another browser.',
        'Sign in again.',
      );
    const { provider, sessionMs } = this.#setup;
    const { subject, name, role, scope } = personOf(await provider.finish(query, begun.secrets), this.#setup);
    const caller: Caller = { tokenId: `oidc:${subject}`, name, role, ...defined({ scope }) };
    await this.#ports.audit.note(caller, 'person.signed-in', name, { subject, role, ...defined({ scope }) });
    const cookie = this.#random();
    makeRoom(this.#sessions, mostSessions);
    this.#sessions.set(this.#digest(cookie), {
      ...{ caller, sinceMs: this.#ports.clock.wallMs() },
      untilMs: this.#nowMs() + sessionMs,
    });
    return cookie;
  }

  /** RefusedError `session-ended`. */
  authenticate(cookie: string): Caller {
    const session = this.#sessions.get(this.#digest(cookie));
    if (session !== undefined && session.untilMs > this.#nowMs()) return session.caller;
    throw new RefusedError('session-ended', 'Your session has ended.', 'Sign in again.');
  }

  /** Harmless where there is no such session. */
  async signOut(cookie: string): Promise<void> {
    const key = this.#digest(cookie);
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#end(key, session);
    const { caller } = session;
    await this.#ports.audit.note(caller, 'person.signed-out', caller.name, {});
  }

  /** Newest first. */
  list(): SessionList {
    this.#endOld();
    const toWallMs = this.#ports.clock.wallMs() - this.#nowMs();
    const sessions = [...this.#sessions].map(([key, { caller, sinceMs, untilMs }]): SessionInfo => {
      const { tokenId, name, role, scope } = caller;
      const who = { tokenId, name, role, ...defined({ scope }) };
      return { id: idOf(key), ...who, sinceMs, untilMs: untilMs + toWallMs };
    });
    return { sessions: sessions.reverse() };
  }

  /** MissingError `unknown-session`. */
  async endSession(caller: Caller, id: string): Promise<void> {
    const [key, session] = [...this.#sessions].find(([one]) => idOf(one) === id) ?? [];
    if (key === undefined || session === undefined) throw unknownSession(id);
    this.#end(key, session);
    await this.#ports.audit.note(caller, 'session.ended', session.caller.name, { id });
  }

  #endOld(): void {
    const nowMs = this.#nowMs();
    for (const [key, session] of [...this.#sessions]) if (session.untilMs <= nowMs) this.#end(key, session);
    for (const [key, { untilMs }] of [...this.#begun]) if (untilMs <= nowMs) this.#begun.delete(key);
  }

  /** Streams of this person end; those of another session of theirs connect again. */
  #end(key: string, { caller }: Session): void {
    this.#sessions.delete(key);
    this.#ports.bus.emit('tokenDeleted', caller.tokenId);
  }

  #random(): string {
    return toHex(this.#ports.secrets.randomBytes(32));
  }

  #digest(text: string): string {
    return toHex(this.#ports.secrets.sha256(text));
  }

  #nowMs(): number {
    return this.#ports.clock.monotonicMs();
  }
}

export function unknownSession(id: string): MissingError {
  return new MissingError('unknown-session', `There is no session ${id}.`, 'It may have ended already.');
}

/** The key is a digest of what the browser holds; a part of it names the session and opens nothing. */
function idOf(key: string): string {
  return key.slice(0, 16);
}

/** The oldest goes. */
function makeRoom(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size >= most && oldest !== undefined) map.delete(oldest);
}
