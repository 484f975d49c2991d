import type { CreatedToken, NewToken, TokenList } from '../../api/index.ts';
import { type Clock, defined, InputError } from '../../base/index.ts';
import { actorOf, type Caller, systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { Store, StoredFleet } from '../store/store.ts';
import { type Secrets, TokenRegistry } from './token-registry.ts';

export interface AccessServicePorts {
  readonly secrets: Secrets;
  readonly bus: EventBus;
  readonly commands: CommandExecutor;
  readonly store: Store;
  readonly clock: Clock;
}

/** Who may use the API: checks tokens, makes them and takes them back. */
export class AccessService {
  readonly #ports: AccessServicePorts;
  readonly #tokens: TokenRegistry;

  constructor(ports: AccessServicePorts) {
    this.#ports = ports;
    this.#tokens = new TokenRegistry(ports.secrets, ports.clock);
  }

  load({ tokens }: Pick<StoredFleet, 'tokens'>): void {
    this.#tokens.load(tokens);
  }

  /** RefusedError `token-refused`, the same for every reason. */
  authenticate(token: string | undefined): Caller {
    const { caller, used } = this.#tokens.authenticate(token);
    // When it was used last is worth no failed request.
    if (used !== undefined) this.#ports.store.commit({ changes: [used] }).catch(() => undefined);
    return caller;
  }

  listTokens(): TokenList {
    return { tokens: this.#tokens.list() };
  }

  /** `keep` is called before the token is good; where it fails there is none. */
  createToken(
    caller: Caller,
    request: NewToken,
    keep?: (token: string) => Promise<void>,
  ): Promise<CreatedToken> {
    return this.#ports.commands.execute(
      caller,
      'token.created',
      request.name,
      { role: request.role, ...defined({ scope: request.scope }) },
      async () => {
        expectRoleForScope(request);
        const { created, row } = this.#tokens.draft(request, actorOf(caller));
        await keep?.(created.token);
        return {
          changes: [{ kind: 'token', token: row }],
          apply: () => {
            this.#tokens.add(row);
            return created;
          },
        };
      },
    );
  }

  /** A token for the first admin where there is none at all. What can't be kept is none: the next start makes another one. */
  async createFirstAdmin(keep?: (token: string) => Promise<void>): Promise<CreatedToken | undefined> {
    return this.#tokens.isEmpty
      ? this.createToken(systemCaller, { name: 'first admin', role: 'admin' }, keep)
      : undefined;
  }

  /** Takes a token that was chosen elsewhere (a file of secrets); harmless when it is known already. */
  adoptToken(token: string, request: NewToken): Promise<void> {
    return this.#ports.commands.execute(
      systemCaller,
      'token.adopted',
      request.name,
      { role: request.role },
      () => {
        const row = this.#tokens.rowFor(token, request, actorOf(systemCaller));
        return { changes: [{ kind: 'token', token: row }], apply: () => this.#tokens.add(row) };
      },
    );
  }

  deleteToken(caller: Caller, id: string): Promise<void> {
    const { commands, bus } = this.#ports;
    return commands.execute(caller, 'token.deleted', id, {}, () => {
      this.#tokens.expectDeletable(id);
      return {
        changes: [{ kind: 'token-deleted', id }],
        apply: () => {
          this.#tokens.remove(id);
          bus.emit('tokenDeleted', id);
        },
      };
    });
  }

  /** Whoever lets a token do something for longer than a request hears when it is over. */
  onDeleted(listener: (token: string) => void): void {
    this.#ports.bus.on('tokenDeleted', listener);
  }
}

/** InputError `scope-role`. */
function expectRoleForScope({ role, scope }: NewToken): void {
  if (scope === undefined || role !== 'device') return;
  throw new InputError(
    'scope-role',
    'A token with the role device fetches artifacts alone, and none of them belongs to a part of the fleet.',
    'Leave out the scope, or choose another role.',
  );
}
