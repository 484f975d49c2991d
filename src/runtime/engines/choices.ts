import type { EngineChoice } from '../../agent/index.ts';

/** As `--engine` offers them. */
export const engineChoices = [
  'auto',
  'tensorrt',
  'onnxruntime',
  'onnxruntime-node',
] as const satisfies readonly EngineChoice[];
