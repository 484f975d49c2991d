import { defined, MissingError } from '../../base/index.ts';
import type { Bundle, EngineName, VariantKind } from '../../model/index.ts';
import type { EngineChoice } from './engine-search.ts';
import { type ChosenDetector, type EngineRequest, openEngine } from './open-engine.ts';

/** What serves, and on which engine. */
export interface Serving {
  readonly bundle: Bundle;
  readonly engine: EngineName;
}

interface AgainPorts extends EngineRequest {
  readonly engine: EngineChoice;
  readonly crashed: readonly EngineName[];
  /** The variant that serves in place of the usual one. */
  readonly lighter?: VariantKind;
}

/** For an engine that does badly: the same one anew, or the next one. MissingError `engine-missing` where there is none. */
export async function openAgain(
  { bundle, engine }: Serving,
  how: 'rebuild' | 'change-engine',
  { lighter, ...ports }: AgainPorts,
  signal: AbortSignal,
): Promise<ChosenDetector> {
  if (how === 'rebuild')
    return openEngine(bundle, { ...ports, engine }, { signal, ...defined({ variant: lighter }) });
  if (ports.engine === 'auto' && engine !== 'onnxruntime-node') {
    const crashed = [...ports.crashed, engine];
    return openEngine(bundle, { ...ports, crashed, buildPlan: 'later' }, { signal });
  }
  throw new MissingError(
    'engine-missing',
    ports.engine === 'auto'
      ? 'No other engine is left to try.'
      : `The settings ask for the engine ${ports.engine} alone.`,
    'Restart the agent, or deploy another model.',
  );
}
