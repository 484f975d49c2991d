import type { EngineLayer } from '../../../device/native/index.ts';
import type { ChosenDetector, EngineChoice } from '../../agent/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import { type MachineEngineOptions, MachineEngines } from './machine-engines.ts';

export interface DetectorRequest extends MachineEngineOptions {
  readonly engine: EngineChoice;
}

/** The engine that is asked for, or the best of this machine that takes the model; the plan of TensorRT is built now. */
export async function createDetector(bundle: Bundle, request: DetectorRequest): Promise<ChosenDetector> {
  const { engine, log } = request;
  const { openEngine } = await import('../../agent/index.ts');
  return openEngine(bundle, { engine, log, platform: new MachineEngines(request) });
}

/** The layers of a compiled engine, in one shape for every version of TensorRT; empty for engines that tell none. */
export async function layersOf(detector: Detector): Promise<readonly EngineLayer[]> {
  const { NativeDetector } = await import('../../../device/native/index.ts');
  return detector instanceof NativeDetector ? detector.layers : [];
}
