import { describe, expect, it } from 'vitest';
import { isIsolated, lockProblemOf } from '../../../../device/native/isolated.ts';

describe('The choice of a separate process for an engine', () => {
  it.each([
    ['onnxruntime', undefined, false, false],
    ['onnxruntime', true, false, true],
    ['onnxruntime', undefined, true, true],
    ['onnxruntime', true, true, true],
    ['tensorrt', undefined, false, true],
    ['tensorrt', false, false, false],
    ['tensorrt', undefined, true, true],
  ] as const)('%s, isolate %s, lockMemory %s: %s', (engine, isolate, lockMemory, expected) => {
    expect(isIsolated(engine, { ...(isolate === undefined ? {} : { isolate }), lockMemory })).toBe(expected);
  });

  it.each(['onnxruntime', 'tensorrt'] as const)(
    '%s in the agent’s own process is refused where memory is to be locked',
    (engine) => {
      expect(() => isIsolated(engine, { isolate: false, lockMemory: true })).toThrow(
        expect.objectContaining({ code: 'engine-lock-memory' }),
      );
    },
  );
});

describe('The model description of an engine in a separate process', () => {
  it.each([
    ['{"lockProblem":"Cannot allocate memory","version":"1"}', 'Cannot allocate memory'],
    ['{"version":"1"}', ''],
    ['{"lockProblem":7}', ''],
    ['null', ''],
    ['no JSON', ''],
  ])('%s: "%s"', (description, expected) => {
    expect(lockProblemOf(description)).toBe(expected);
  });
});
