import { InputError } from '../../src/base/index.ts';

export interface IsolationOptions {
  readonly isolate?: boolean;
  readonly lockMemory?: boolean;
}

/** Whether an engine runs in a separate process: only then can it be kept out of swap without the agent. */
export function isIsolated(
  engine: 'onnxruntime' | 'tensorrt',
  { isolate, lockMemory = false }: IsolationOptions,
): boolean {
  if (lockMemory && isolate === false) {
    throw new InputError(
      'engine-lock-memory',
      'lockMemory needs isolate: only an isolated engine is locked.',
      'Set isolate to auto or true, or lockMemory to false.',
    );
  }
  return isolate ?? (engine === 'tensorrt' || lockMemory);
}

/**
 * Why a model that came as bytes could be swapped on its way to an engine in a process of its own; empty where it could not.
 * `native/plugins/isolated` says it in the engine's description.
 */
export function lockProblemOf(description: string): string {
  try {
    const { lockProblem } = JSON.parse(description) as { lockProblem?: unknown };
    return typeof lockProblem === 'string' ? lockProblem : '';
  } catch {
    return '';
  }
}
