import type { Server } from 'node:http';
import { type Health, listenForHealth } from '../../adapters/fastify/index.ts';
import { ProcessMetrics, type ProcessPart } from '../../adapters/prometheus/index.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import type { RoleName } from '../settings/roles.ts';
import { goshawkVersion } from '../version.ts';

/** How one role of this process is. */
export interface RoleHealth {
  /** Absent while it starts. */
  readonly part?: ProcessPart;
  readonly well: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

const starting: RoleHealth = { well: false };

/** The worst of all its roles: what a supervisor is told of the process. */
export function healthOf(roles: ReadonlyMap<RoleName, RoleHealth>): Health {
  const all = [...roles.values()];
  const isWell = all.every(({ well }) => well);
  const isStarting = all.some(({ part }) => part === undefined);
  const described = [...roles].map(([role, { part, well, details }]) => {
    const status = part === undefined ? 'starting' : well ? 'ok' : 'degraded';
    return [role, { status, ...(part === undefined || part === role ? {} : { part }), ...details }];
  });
  return {
    status: isWell ? 200 : 503,
    body: {
      status: isStarting ? 'starting' : isWell ? 'ok' : 'degraded',
      roles: Object.fromEntries(described),
    },
  };
}

/** What a process says of itself at `http.healthPort`, from its start on: also while it waits for its turn. */
export class ProcessProbes {
  readonly metrics = new ProcessMetrics(goshawkVersion(), () =>
    this.#current().flatMap(([, { part }]) => (part === undefined ? [] : [part])),
  );
  readonly #roles: Map<RoleName, () => RoleHealth>;
  #server: Server | undefined;

  private constructor(roles: readonly RoleName[]) {
    this.#roles = new Map(roles.map((role) => [role, () => starting]));
  }

  /** Rejects with `address-taken` or `address-refused`. */
  static async open({ http, roles = ['control'] }: ControllerSettings): Promise<ProcessProbes> {
    const probes = new ProcessProbes(roles);
    const answers = {
      health: () => healthOf(new Map(probes.#current())),
      metrics: () => probes.metrics.exposition(),
    };
    if (http.healthPort !== undefined)
      probes.#server = await listenForHealth(http.host, http.healthPort, answers);
    return probes;
  }

  show(role: RoleName, health: () => RoleHealth): void {
    this.#roles.set(role, health);
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  #current(): readonly (readonly [RoleName, RoleHealth])[] {
    return [...this.#roles].map(([role, health]) => [role, health()] as const);
  }
}
