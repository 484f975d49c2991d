import type { CreatedToken, NewToken, TokenList } from '../../api/index.ts';
import { actorOf, type Caller, systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { Store } from '../store/store.ts';
import type { TokenRegistry } from './token-registry.ts';

export interface AccessServicePorts {
  readonly tokens: TokenRegistry;
  readonly commands: CommandExecutor;
  readonly store: Store;
}

/** Who may use the API: checks tokens, makes them and takes them back. */
export class AccessService {
  readonly #ports: AccessServicePorts;
  readonly #onDeleted: ((token: string) => void)[] = [];

  constructor(ports: AccessServicePorts) {
    this.#ports = ports;
  }

  /** RefusedError `token-refused`, the same for every reason. */
  authenticate(token: string | undefined): Caller {
    const { tokens, store } = this.#ports;
    const { caller, used } = tokens.authenticate(token);
    // When it was used last is worth no failed request.
    if (used !== undefined) store.commit({ changes: [used] }).catch(() => undefined);
    return caller;
  }

  listTokens(): TokenList {
    return { tokens: this.#ports.tokens.list() };
  }

  /** `keep` is called before the token is good; where it fails there is none. */
  createToken(
    caller: Caller,
    request: NewToken,
    keep?: (token: string) => Promise<void>,
  ): Promise<CreatedToken> {
    const { tokens, commands } = this.#ports;
    return commands.execute(caller, 'token.created', request.name, { role: request.role }, async () => {
      const { created, row } = tokens.draft(request, actorOf(caller));
      await keep?.(created.token);
      return {
        changes: [{ kind: 'token', token: row }],
        apply: () => {
          tokens.add(row);
          return created;
        },
      };
    });
  }

  /** A token for the first admin where there is none at all. What can't be kept is none: the next start makes another one. */
  async createFirstAdmin(keep?: (token: string) => Promise<void>): Promise<CreatedToken | undefined> {
    return this.#ports.tokens.isEmpty
      ? this.createToken(systemCaller, { name: 'first admin', role: 'admin' }, keep)
      : undefined;
  }

  /** Takes a token that was chosen elsewhere (a file of secrets); harmless when it is known already. */
  adoptToken(token: string, request: NewToken): Promise<void> {
    const { tokens, commands } = this.#ports;
    return commands.execute(systemCaller, 'token.adopted', request.name, { role: request.role }, () => {
      const row = tokens.rowFor(token, request, actorOf(systemCaller));
      return { changes: [{ kind: 'token', token: row }], apply: () => tokens.add(row) };
    });
  }

  deleteToken(caller: Caller, id: string): Promise<void> {
    const { tokens, commands } = this.#ports;
    return commands.execute(caller, 'token.deleted', id, {}, () => {
      tokens.expectDeletable(id);
      return {
        changes: [{ kind: 'token-deleted', id }],
        apply: () => {
          tokens.remove(id);
          for (const listener of this.#onDeleted) listener(id);
        },
      };
    });
  }

  /** Whoever lets a token do something for longer than a request hears when it is over. */
  onDeleted(listener: (token: string) => void): void {
    this.#onDeleted.push(listener);
  }
}
