import type { Bundle, EngineName, EngineState, VariantKind } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { Progress } from '../ports.ts';

/** An engine of this machine, in words for `goshawk doctor` and the log. */
export interface EngineAvailability {
  readonly engine: EngineName;
  readonly available: boolean;
  /** Why, or why not. */
  readonly detail: string;
  /** What would make it available; empty where it is. */
  readonly remedy: string;
}

/** The plan of TensorRT for a bundle's best variant on this board. */
export interface PlanStatus {
  readonly state: EngineState;
  /** It ran the model in place of another engine and held what the bundle promises: it may serve from the first frame. */
  readonly proven: boolean;
}

export interface EngineWork {
  /** Of a build. */
  readonly onProgress?: Progress;
  /** Ends a build under way; `open` then rejects with a CancelledError. */
  readonly signal?: AbortSignal;
  /** Default: the best that the bundle has for the engine. */
  readonly variant?: VariantKind;
}

/** Port: the engines of this machine, one by one. It decides nothing: which one is taken is decided in this folder. */
export interface EnginePlatform {
  /** The engines behind the addon, best first. onnxruntime-node needs nothing native and is not among them. */
  nativeEngines(): Promise<readonly EngineAvailability[]>;
  /** A warm detector; for TensorRT its plan is built first where there is none. Rejects with the reason why there is none. */
  open(engine: EngineName, bundle: Bundle, work: EngineWork): Promise<Detector>;
  /** Rejects where TensorRT or its device does not open, as the three below. */
  planStatus(bundle: Bundle, variant?: VariantKind): Promise<PlanStatus>;
  /** The plan was checked and watched, and did well. */
  provePlan(bundle: Bundle): Promise<void>;
  /** The plan was checked and watched, and did not hold what the bundle promises: not again without an order. */
  rejectPlan(bundle: Bundle, reason: string): Promise<void>;
  /**
   * The plan that is there did badly, or took the process with it. Where another device built it, it goes, none of its kind is
   * taken again, and the next `open` builds one; false where it was built here.
   */
  setPlanAside(bundle: Bundle, reason: string): Promise<boolean>;
  /** A new order: a plan that is quarantined may be tried again. */
  allowPlan(bundle: Bundle): Promise<void>;
}

/** What happens to the engine of a model on this board. */
export type EngineBuildEvent =
  | { readonly kind: 'building'; readonly model: string; readonly progress: number }
  | {
      readonly kind: 'built';
      readonly model: string;
      readonly buildMs: number;
      readonly peakMemoryBytes: number;
    }
  | {
      readonly kind: 'set-aside';
      readonly model: string;
      /** The device that vouched for the plan. */
      readonly from: string;
      readonly reason: string;
    }
  | { readonly kind: 'quarantined'; readonly model: string; readonly reason: string };
