import { type Backoff, backoffMs } from './backoff.ts';
import { rendezvousWeight } from './rendezvous.ts';

/** A connection that lasted this long counts as good. */
const stableMs = 10_000;

export interface ServerRotationOptions {
  /** Addresses of one cluster, at least one. */
  readonly servers: readonly string[];
  /** Name of this client at the servers. */
  readonly client: string;
  /** Waiting time after no server of a round was reached, or a connection ended. */
  readonly backoff: Backoff;
  /** Waiting time after a server refused this client. */
  readonly refusedBackoff: Backoff;
  /** [0, 1) */
  readonly random: () => number;
}

/** How an attempt to connect ended. */
export interface AttemptEnd {
  /** In words. */
  readonly reason: string;
  /** How long the connection was up; absent: it never was. */
  readonly onlineMs?: number;
  /** The server does not want this client, or is not the one that it says. */
  readonly isRefused?: boolean;
}

export interface NextAttempt {
  /** Time to wait, ms; 0: it is due at once. */
  readonly waitMs: number;
  /** For the status: why each server of this round failed. */
  readonly reason: string;
}

/**
 * Which server of a cluster a client connects to, and when.
 *
 * - Each client has its own order of the servers, made of both names, not that of the list: clients spread evenly over
 *   all, and those of a server that dies spread evenly over the others. It is the same after each restart.
 * - A server that can't be reached: the next one at once. After all of them: a wait that grows, with jitter.
 * - A connection that ended: a wait, also before the first retry, so that the clients of a server that died don't come to
 *   the others in one wave. One that lasted begins again with the first of the order, so that clients return to a server
 *   that is back; one that did not goes on to the next, so that no server that accepts and drops holds a client.
 * - A refusal: a long wait, then the next. No more attempts reach the cluster than one server would get.
 */
export class ServerRotation {
  readonly #options: ServerRotationOptions;
  readonly #order: readonly string[];
  #at = 0;
  /** Why each server of this round was not reached. */
  #missed: string[] = [];
  /** Waits since a connection lasted. */
  #waits = 0;

  constructor(options: ServerRotationOptions) {
    this.#options = options;
    this.#order = serverOrder(options.client, options.servers);
  }

  /** The one to connect to now. */
  get server(): string {
    return this.#order[this.#at] ?? '';
  }

  /** The same as it may stand in a log. */
  get shown(): string {
    return withoutUser(this.server);
  }

  /** All, as they may be shown to a person. */
  get allShown(): string {
    return this.#options.servers.map(withoutUser).join(' or ');
  }

  /** Moves on after an attempt. */
  next({ reason, onlineMs, isRefused = false }: AttemptEnd): NextAttempt {
    const { length } = this.#order;
    const told = length === 1 ? reason : `${this.shown}: ${reason}`;
    const hasLasted = onlineMs !== undefined && onlineMs >= stableMs;
    if (hasLasted) this.#waits = 0;
    this.#at = hasLasted && !isRefused ? 0 : (this.#at + 1) % length;
    const missed = onlineMs === undefined && !isRefused ? [...this.#missed, told] : [];
    const isDue = missed.length > 0 && missed.length < length;
    this.#missed = isDue ? missed : [];
    const { backoff, refusedBackoff, random } = this.#options;
    const policy = isRefused ? refusedBackoff : backoff;
    return {
      waitMs: isDue ? 0 : backoffMs(policy, this.#waits++, random),
      reason: missed.length > 0 ? missed.join('; ') : told,
    };
  }
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

/** The servers as this client tries them. */
export function serverOrder(client: string, servers: readonly string[]): readonly string[] {
  return servers
    .map((server) => ({ server, weight: rendezvousWeight(client, server) }))
    .sort((one, other) => other.weight - one.weight)
    .map(({ server }) => server);
}
