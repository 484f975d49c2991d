import type { CreatedToken, NewToken, TokenInfo } from '../../api/index.ts';
import {
  type Clock,
  defined,
  fromHex,
  GoshawkError,
  MissingError,
  RefusedError,
  toHex,
} from '../../base/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { TokenRow } from '../store/rows.ts';
import type { Change } from '../store/store.ts';

/** Port: what secrets need of the machine. */
export interface Secrets {
  /** Cryptographically random. */
  randomBytes(count: number): Uint8Array;
  sha256(text: string): Uint8Array;
  /** Takes the same time wherever the two differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** A secret can be agreed with whoever has this key of X25519; false for one of low order. */
  agreesWith(publicKey: Uint8Array): boolean;
}

/** A token's use is written down at most this often. */
const usedResolutionMs = 60_000;

/**
 * The tokens. A token is `gsk_<id>_<secret>` with 256 random bits of secret; the database has only the secret's sha256,
 * which is enough because such a secret can't be guessed from a list, unlike a password.
 */
export class TokenRegistry {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  readonly #rows = new Map<string, TokenRow>();

  constructor(secrets: Secrets, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  load(rows: readonly TokenRow[]): void {
    for (const row of rows) this.#rows.set(row.id, row);
  }

  list(): TokenInfo[] {
    return [...this.#rows.values()]
      .map(({ hash: _, ...info }) => info)
      .sort((a, b) => a.createdMs - b.createdMs);
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** RefusedError `token-refused`, the same for every reason. `used` is what to write down, now and then. */
  authenticate(token: string | undefined): { readonly caller: Caller; readonly used: Change | undefined } {
    const [product, id, secret, ...more] = (token ?? '').split('_');
    const row = id === undefined ? undefined : this.#rows.get(id);
    // An unknown id is hashed and compared too, so that time does not tell which ids exist.
    const expected = (row && fromHex(row.hash)) ?? new Uint8Array(32);
    const matches = this.#secrets.equal(this.#secrets.sha256(secret ?? ''), expected);
    if (product !== 'gsk' || row === undefined || !matches || more.length > 0)
      throw new RefusedError(
        'token-refused',
        token === undefined ? 'The request carries no token.' : 'The token is not valid.',
        'Use a token that an admin made: goshawk token create.',
      );
    const caller: Caller = {
      ...{ tokenId: row.id, name: row.name, role: row.role },
      ...defined({ scope: row.scope }),
    };
    const nowMs = this.#clock.wallMs();
    if (row.lastUsedMs !== undefined && Math.abs(nowMs - row.lastUsedMs) < usedResolutionMs)
      return { caller, used: undefined };
    this.#rows.set(row.id, { ...row, lastUsedMs: nowMs });
    return { caller, used: { kind: 'token-used', id: row.id, lastUsedMs: nowMs } };
  }

  /** A token that is not registered yet: `add` it when the change is in the database. */
  draft(request: NewToken, createdBy: string): { readonly created: CreatedToken; readonly row: TokenRow } {
    const id = toHex(this.#secrets.randomBytes(6));
    const secret = toHex(this.#secrets.randomBytes(32));
    const info: TokenInfo = {
      id,
      name: request.name,
      role: request.role,
      ...defined({ scope: request.scope }),
      createdMs: this.#clock.wallMs(),
      createdBy,
    };
    const hash = toHex(this.#secrets.sha256(secret));
    return { created: { ...info, token: `gsk_${id}_${secret}` }, row: { ...info, hash } };
  }

  /** The row for a token chosen elsewhere, e.g. by the demo; it must have the right form. */
  rowFor(token: string, request: NewToken, createdBy: string): TokenRow {
    const match = /^gsk_([0-9a-f]{12})_([0-9a-f]{64})$/.exec(token);
    if (match === null)
      throw new GoshawkError(
        'token-form',
        'A token must be gsk_<12 hex digits>_<64 hex digits>.',
        'Let the controller make it.',
      );
    const [, id, secret] = match as unknown as [string, string, string];
    const hash = toHex(this.#secrets.sha256(secret));
    return {
      id,
      name: request.name,
      role: request.role,
      ...defined({ scope: request.scope }),
      createdMs: this.#clock.wallMs(),
      createdBy,
      hash,
    };
  }

  add(row: TokenRow): void {
    this.#rows.set(row.id, row);
  }

  /** The row to delete; refuses the last admin, without whom nobody could make tokens any more. */
  expectDeletable(id: string): TokenRow {
    const row = this.#rows.get(id);
    if (row === undefined)
      throw new MissingError('token-unknown', `There is no token ${id}.`, 'List them: goshawk token list.');
    const isAdmin = ({ role, scope }: TokenRow) => role === 'admin' && scope === undefined;
    if (isAdmin(row) && [...this.#rows.values()].filter(isAdmin).length === 1)
      throw new RefusedError(
        'last-admin',
        'This is the last token of an admin.',
        'Make another admin token first.',
      );
    return row;
  }

  remove(id: string): void {
    this.#rows.delete(id);
  }
}
