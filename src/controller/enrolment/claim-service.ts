import type { ClaimList, CreatedClaim, NewClaim } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { formatClaim } from '../../protocol/index.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { ClaimRegistry } from './claim-registry.ts';
import { enrolmentOff } from './off.ts';
import type { PendingEnrolments } from './pending-enrolments.ts';

export interface ClaimServicePorts {
  readonly claims: ClaimRegistry;
  readonly pending: PendingEnrolments;
  readonly commands: CommandExecutor;
  readonly clock: Clock;
  /** Where devices ask, and whom they trust; undefined where this controller enrols nothing. */
  readonly reachedAt: { readonly host: () => string; readonly rootHash: string } | undefined;
}

/** Claims: made, listed, withdrawn by people. */
export class ClaimService {
  readonly #ports: ClaimServicePorts;

  constructor(ports: ClaimServicePorts) {
    this.#ports = ports;
  }

  list(): ClaimList {
    return { claims: this.#ports.claims.list(), open: this.#ports.reachedAt !== undefined };
  }

  async create(caller: Caller, request: NewClaim): Promise<CreatedClaim> {
    const { claims, commands, reachedAt } = this.#ports;
    if (reachedAt === undefined) throw enrolmentOff();
    const { serials, ...asked } = request;
    const detail = { ...asked, serials: serials?.length ?? 0 };
    return commands.execute(caller, 'claim.created', request.name, detail, () => {
      const outdated = claims.outdated();
      for (const id of outdated) claims.remove(id);
      const { row, secret } = claims.draft(request, actorOf(caller));
      const { hash: _, ...info } = row;
      const claim = formatClaim({ host: reachedAt.host(), id: row.id, secret, root: reachedAt.rootHash });
      return {
        changes: [
          { kind: 'claim', claim: row },
          ...outdated.map((id) => ({ kind: 'claim-deleted', id }) as const),
        ],
        apply: () => {
          claims.put(row);
          return { ...info, claim };
        },
      };
    });
  }

  /** From now on it lets nobody in; who waits with it is forgotten. */
  withdraw(caller: Caller, id: string): Promise<void> {
    const { claims, pending, commands, clock } = this.#ports;
    return commands.execute(caller, 'claim.withdrawn', id, {}, () => {
      const row = claims.expect(id);
      const withdrawn = { ...row, withdrawnMs: row.withdrawnMs ?? clock.wallMs() };
      return {
        changes: [{ kind: 'claim', claim: withdrawn }],
        apply: () => {
          claims.put(withdrawn);
          pending.removeOfClaim(id);
        },
      };
    });
  }
}
