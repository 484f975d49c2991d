import { type Clock, RefusedError } from '../../base/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { RegistryCaller } from './access.ts';

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

const lifeMs = 5 * 60_000;
/** A fleet of 10,000 that all come within five minutes, twice over. */
const maxTokens = 20_000;

interface Grant {
  readonly caller: RegistryCaller;
  readonly untilMs: number;
}

/**
 * Short-lived tokens of the registry. They are kept in memory and known by their sha256 alone; after a restart clients ask for
 * new ones. What a device may fetch is looked up at each use, so that a token says less as soon as the orders do.
 */
export class TokenIssuer {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  /** In the order of their end. */
  readonly #grants = new Map<string, Grant>();

  constructor(secrets: Secrets, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  issue(caller: RegistryCaller): IssuedToken {
    const nowMs = this.#clock.monotonicMs();
    this.#dropEnded(nowMs);
    const token = `gsr_${hex(this.#secrets.randomBytes(32))}`;
    this.#grants.set(this.#key(token), { caller, untilMs: nowMs + lifeMs });
    return { token, expiresInSeconds: lifeMs / 1000 };
  }

  /** RefusedError `token-refused`. */
  authenticate(token: string): RegistryCaller {
    const grant = this.#grants.get(this.#key(token));
    if (grant !== undefined && this.#clock.monotonicMs() < grant.untilMs) return grant.caller;
    throw new RefusedError('token-refused', 'The token is not valid, or has ended.', 'Ask for another one.');
  }

  /** Of a token of the API that was deleted. */
  revoke(tokenId: string): void {
    for (const [key, { caller }] of this.#grants)
      if (caller.caller.tokenId === tokenId) this.#grants.delete(key);
  }

  #dropEnded(nowMs: number): void {
    for (const [key, { untilMs }] of this.#grants) {
      if (untilMs > nowMs && this.#grants.size < maxTokens) return;
      this.#grants.delete(key);
    }
  }

  #key(token: string): string {
    return hex(this.#secrets.sha256(token));
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
