import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Clock, RefusedError } from '../../../base/index.ts';
import {
  BoundedMap,
  type FleetController,
  type OciRegistry,
  type RegistryCaller,
  TokenBucket,
} from '../../../controller/index.ts';
import { expectReach } from '../scope-gate.ts';
import { guessLimit } from '../token-check.ts';
import { shownToken } from './credentials.ts';

/** So many refusals of a token are in the audit at once, and then one in ten seconds. */
const auditedRefusals = 20;
const maxTokens = 10_000;

export interface RegistryTokensPorts {
  readonly controller: Pick<FleetController, 'access' | 'audit' | 'views'>;
  readonly registry: OciRegistry;
  readonly clock: Clock;
}

/** Who asks the registry, by what it shows: a token of the API, or a short one that the registry gave. */
export class RegistryTokens {
  readonly #ports: RegistryTokensPorts;
  readonly #guessed: ReturnType<typeof guessLimit>;
  readonly #refusals = new BoundedMap<TokenBucket>(
    maxTokens,
    (nowMs) => new TokenBucket(auditedRefusals, auditedRefusals * 10_000, nowMs),
    (pace, nowMs) => pace.full(nowMs),
  );

  constructor(app: FastifyInstance, ports: RegistryTokensPorts) {
    this.#ports = ports;
    this.#guessed = guessLimit(app);
  }

  /** Undefined where it shows nothing: clients ask so first, to hear what is wanted. */
  async authenticate(request: FastifyRequest): Promise<RegistryCaller | undefined> {
    const { registry, controller } = this.#ports;
    const token = shownToken(request.headers.authorization);
    if (token === undefined) return undefined;
    try {
      if (token.startsWith('gsr_')) return withoutCertificate(registry.authenticate(token));
      const caller = controller.access.authenticate(token);
      expectReach('fleet', controller.views.of(caller), {});
      return registry.callerOf(caller);
    } catch (error) {
      throw await this.#guessed(request, error);
    }
  }

  async recordForbidden({ caller }: RegistryCaller, request: FastifyRequest): Promise<void> {
    const { clock, controller } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (!this.#refusals.get(caller.tokenId, nowMs).spend(1, nowMs)) return;
    const target = request.url.replace(/\?.*$/s, '').slice(0, 300);
    await controller.audit.recordForbidden(caller, `${request.method} /v2/`, target);
  }
}

/** Here nobody shows a certificate, and one that was revoked could not be seen: a token that was got with one ends here. */
function withoutCertificate(asks: RegistryCaller): RegistryCaller {
  if (asks.certified !== true) return asks;
  throw new RefusedError(
    'token-refused',
    'That token belongs to a certificate, which was not shown.',
    'Ask where devices ask, with the certificate.',
  );
}
