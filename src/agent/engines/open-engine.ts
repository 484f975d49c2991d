import { CancelledError, describeError, LimitError, type Log } from '../../base/index.ts';
import type { Bundle, EngineName } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import {
  type EngineChoice,
  type EngineSearch,
  nextStep,
  startSearch,
  withPlan,
  withRefusal,
} from './engine-search.ts';
import type { EnginePlatform, EngineWork } from './platform.ts';

export interface EngineRequest {
  readonly platform: EnginePlatform;
  readonly log: Log;
  readonly engine: EngineChoice;
  /** Default: none. */
  readonly crashed?: readonly EngineName[];
  /** Default `now`. */
  readonly buildPlan?: EngineSearch['buildPlan'];
}

export interface ChosenDetector extends Pick<EngineSearch, 'refused' | 'planPending'> {
  readonly detector: Detector;
  readonly engine: EngineName;
  /** A better engine would take the model, but had no room: memory or disk. */
  readonly short: boolean;
  /** Why this engine, in words: for the log, for `reported` and for the summary. */
  readonly reason: string;
}

/**
 * The first engine that is there and takes the model: TensorRT, ONNX Runtime in the native plane, onnxruntime-node in a
 * worker thread. An engine that is asked for by name is used or the promise rejects with the reason why not.
 */
export async function openEngine(
  bundle: Bundle,
  { platform, log, engine: wanted, crashed = [], buildPlan = 'now' }: EngineRequest,
  work: EngineWork = {},
): Promise<ChosenDetector> {
  // The addon is not loaded for an engine that does without it.
  const native = wanted === 'onnxruntime-node' ? [] : await platform.nativeEngines();
  let short = false;
  let search = startSearch({ wanted, native, crashed, buildPlan });
  for (;;) {
    const step = nextStep(search);
    try {
      if (step.kind === 'read-plan') {
        search = withPlan(search, await platform.planStatus(bundle));
        continue;
      }
      const { engine, reason } = step;
      const detector = await platform.open(engine, bundle, work);
      const { model, precision } = detector.identity;
      log.info('engine chosen', { engine, reason, model, precision });
      const { refused, planPending } = search;
      return { detector, engine, reason, refused, planPending, short };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      const next = withRefusal(search, step.engine, describeError(error));
      if (next === undefined) throw error;
      short ||= error instanceof LimitError;
      search = next;
    }
  }
}
