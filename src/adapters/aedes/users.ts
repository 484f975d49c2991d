import { createHash, timingSafeEqual } from 'node:crypto';
import type { Identity } from './access.ts';

export interface BrokerUser {
  /** Of a device: the device id. It is the client id too: with another's a client would take over that one's session. */
  readonly username: string;
  readonly password: string;
  readonly role: 'device' | 'controller';
}

/** Passwords by user. Digests are compared, so that the time taken tells neither length nor prefix. */
export class Users {
  readonly #byName: ReadonlyMap<string, { readonly digest: Uint8Array; readonly role: BrokerUser['role'] }>;
  readonly #nobody = digestOf('');

  constructor(users: readonly BrokerUser[]) {
    this.#byName = new Map(
      users.map(({ username, password, role }) => [username, { digest: digestOf(password), role }]),
    );
  }

  /** Undefined when user, password and client id don't belong together. */
  identify(
    clientId: string,
    username: string | undefined,
    password: Uint8Array | undefined,
  ): Identity | undefined {
    const user = username === undefined ? undefined : this.#byName.get(username);
    const given = digestOf(password ?? '');
    const same = timingSafeEqual(given, user?.digest ?? this.#nobody);
    if (user === undefined || password === undefined || !same || username !== clientId) return undefined;
    return user.role === 'controller' ? { role: 'controller' } : { role: 'device', device: clientId };
  }
}

function digestOf(password: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(password).digest();
}
