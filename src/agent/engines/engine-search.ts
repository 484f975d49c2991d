import { MissingError } from '../../base/index.ts';
import type { EngineName } from '../../model/index.ts';
import type { EngineAvailability, PlanStatus } from './platform.ts';

/** What may be asked for; `auto` takes the first that is there and takes the model. */
export type EngineChoice = 'auto' | EngineName;

/** The search for the engine of one bundle: what is wanted, what is there, and what came of those that were tried. */
export interface EngineSearch {
  readonly wanted: EngineChoice;
  /** The engines behind the addon, best first; onnxruntime-node comes after them. */
  readonly native: readonly EngineAvailability[];
  /** Engines that took the process down before; `auto` passes them over. */
  readonly crashed: readonly EngineName[];
  /** `later`: where another engine can run the model, it does so until the plan is there and proven. */
  readonly buildPlan: 'now' | 'later';
  /** Better engines that did not take the model, each with its words. */
  readonly refused: ReadonlyMap<EngineName, string>;
  /** Of TensorRT, once it was read. */
  readonly plan: PlanStatus | undefined;
  /** TensorRT could run it, but its plan must be built, or watched at work, first. */
  readonly planPending: boolean;
}

export type EngineStep =
  | { readonly kind: 'read-plan'; readonly engine: 'tensorrt' }
  /** `reason`, in words: for the log, for the report and for the summary. */
  | { readonly kind: 'open'; readonly engine: EngineName; readonly reason: string };

export function startSearch(
  request: Pick<EngineSearch, 'wanted' | 'native' | 'crashed' | 'buildPlan'>,
): EngineSearch {
  return { ...request, refused: new Map(), plan: undefined, planPending: false };
}

/** What to try next. Throws a MissingError where the engine that is asked for by name is not there. */
export function nextStep(search: EngineSearch): EngineStep {
  const { wanted, native, crashed, buildPlan, refused, plan } = search;
  if (wanted !== 'auto') return { kind: 'open', ...engineByName(native, wanted) };
  const untried = native.filter(({ engine }) => !refused.has(engine));
  const { engine, reason } = bestEngine(untried, crashed);
  if (engine === 'tensorrt' && buildPlan === 'later' && plan === undefined) {
    return { kind: 'read-plan', engine };
  }
  return { kind: 'open', engine, reason: [reason, ...refused.values()].join('; ') };
}

/** A plan that is missing, or was not yet watched at work, lets the next engine serve meanwhile. */
export function withPlan(search: EngineSearch, plan: PlanStatus): EngineSearch {
  const toBuild = plan.state === 'absent';
  const toProve = plan.state === 'ready' && !plan.proven;
  if (!toBuild && !toProve) return { ...search, plan };
  const words = `tensorrt: its plan is ${toProve ? 'checked' : 'built'} while this one serves`;
  return { ...search, plan, planPending: true, refused: new Map(search.refused).set('tensorrt', words) };
}

/**
 * A refusal of this engine alone must not stop a device that has another one. Undefined: no other is left, so the
 * refusal counts. If no other engine runs the model, a pending plan is worth waiting for.
 */
export function withRefusal(search: EngineSearch, engine: EngineName, why: string): EngineSearch | undefined {
  if (search.wanted !== 'auto') return undefined;
  if (engine === 'onnxruntime-node') {
    return search.planPending ? startSearch({ ...search, buildPlan: 'now' }) : undefined;
  }
  return { ...search, refused: new Map(search.refused).set(engine, `${engine} refused the model: ${why}`) };
}

function engineByName(native: readonly EngineAvailability[], wanted: EngineName) {
  const state = native.find(({ engine }) => engine === wanted);
  if (state === undefined || state.available) return { engine: wanted, reason: 'asked for' };
  throw new MissingError(
    'engine-missing',
    `The engine ${wanted} is not available here. ${state.detail}`,
    state.remedy,
  );
}

/** The first that is available and did not crash; the reason says why not the better ones. */
function bestEngine(native: readonly EngineAvailability[], crashed: readonly EngineName[]) {
  const passedOver: string[] = [];
  for (const { engine, available, detail } of native) {
    if (!available) passedOver.push(`${engine}: ${detail}`);
    else if (crashed.includes(engine)) passedOver.push(`${engine}: it crashed the last time`);
    else return { engine, reason: ['the best that is here', ...passedOver].join('; ') };
  }
  return { engine: 'onnxruntime-node' as const, reason: ['no native engine', ...passedOver].join('; ') };
}
