import type { EngineAvailability, EnginePlatform, EngineWork, PlanStatus } from '../../src/agent/index.ts';
import type { Bundle, EngineName, VariantKind } from '../../src/model/index.ts';
import type { Detector, DetectorIdentity } from '../../src/perception/index.ts';
import { FakeDetector, identityOf } from './fake-pipeline.ts';

/** A detector that says which engine it is. */
class EngineDetector extends FakeDetector {
  override readonly identity: DetectorIdentity;

  constructor({ digest, manifest }: Bundle, engine: EngineName) {
    super(digest);
    this.identity = { ...identityOf(digest, manifest.version), engine };
  }
}

/** A machine with TensorRT and ONNX Runtime; each step may be made to fail, or to wait. */
export class FakeEnginePlatform implements EnginePlatform {
  available: readonly EngineName[] = ['tensorrt', 'onnxruntime'];
  plan: PlanStatus = { state: 'absent', proven: false };
  /** The plan that is there was built by another device. */
  fetched = false;
  /** By engine: why it does not open. */
  readonly refusals = new Map<EngineName, Error>();
  readonly opened: EngineName[] = [];
  /** What was asked for at each opening. */
  readonly variants: (VariantKind | undefined)[] = [];
  readonly detectors: FakeDetector[] = [];
  readonly calls: string[] = [];
  failNotes: Error | undefined;
  onOpen: (engine: EngineName, work: EngineWork) => Promise<void> = async () => {};

  async nativeEngines(): Promise<readonly EngineAvailability[]> {
    this.calls.push('nativeEngines');
    return (['tensorrt', 'onnxruntime'] as const).map((engine) => ({
      engine,
      available: this.available.includes(engine),
      detail: 'Not built.',
      remedy: 'Build it.',
    }));
  }

  async open(engine: EngineName, bundle: Bundle, work: EngineWork): Promise<Detector> {
    this.opened.push(engine);
    this.variants.push(work.variant);
    await this.onOpen(engine, work);
    const refusal = this.refusals.get(engine);
    if (refusal !== undefined) throw refusal;
    const detector = new EngineDetector(bundle, engine);
    this.detectors.push(detector);
    return detector;
  }

  async planStatus(_bundle: Bundle, _variant?: string): Promise<PlanStatus> {
    return this.plan;
  }

  async provePlan(): Promise<void> {
    this.#note('prove');
  }

  async rejectPlan(_bundle: Bundle, reason: string): Promise<void> {
    this.#note(`reject: ${reason}`);
  }

  async setPlanAside(_bundle: Bundle, reason: string): Promise<boolean> {
    if (!this.fetched) return false;
    this.fetched = false;
    this.#note(`set aside: ${reason}`);
    return true;
  }

  async allowPlan(): Promise<void> {
    this.#note('allow');
  }

  #note(call: string): void {
    this.calls.push(call);
    if (this.failNotes !== undefined) throw this.failNotes;
  }
}
