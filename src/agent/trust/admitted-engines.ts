import type { Bundle, EngineName, VariantKind } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { EngineAvailability, EnginePlatform, EngineWork, PlanStatus } from '../engines/platform.ts';
import type { TrustGate } from './ports.ts';

/** The engines of this machine, for what was admitted: the one way by which a bundle's bytes reach an engine. */
export class AdmittedEngines implements EnginePlatform {
  readonly #engines: EnginePlatform;
  readonly #trust: Pick<TrustGate, 'expectAdmitted'>;

  constructor(engines: EnginePlatform, trust: Pick<TrustGate, 'expectAdmitted'>) {
    this.#engines = engines;
    this.#trust = trust;
  }

  nativeEngines(): Promise<readonly EngineAvailability[]> {
    return this.#engines.nativeEngines();
  }

  async open(engine: EngineName, bundle: Bundle, work: EngineWork): Promise<Detector> {
    const { name, version } = bundle.manifest;
    await this.#trust.expectAdmitted({ name, version, digest: bundle.digest });
    return this.#engines.open(engine, bundle, work);
  }

  planStatus(bundle: Bundle, variant?: VariantKind): Promise<PlanStatus> {
    return this.#engines.planStatus(bundle, variant);
  }

  provePlan(bundle: Bundle): Promise<void> {
    return this.#engines.provePlan(bundle);
  }

  rejectPlan(bundle: Bundle, reason: string): Promise<void> {
    return this.#engines.rejectPlan(bundle, reason);
  }

  setPlanAside(bundle: Bundle, reason: string): Promise<boolean> {
    return this.#engines.setPlanAside(bundle, reason);
  }

  allowPlan(bundle: Bundle): Promise<void> {
    return this.#engines.allowPlan(bundle);
  }
}
