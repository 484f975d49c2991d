import { describe, expect, it } from 'vitest';
import { engineLogWords, readEngineLog } from '../../../../src/runtime/selftest/engine-log.ts';

describe('The log of an engine', () => {
  it('tells what the plugin did, and each warning once', () => {
    const log = readEngineLog(
      'V reading\nG A frame is one CUDA graph.\nW Weights are subnormal\nE no importer\nW Weights are subnormal\n',
    );
    expect(log.notes).toEqual(['A frame is one CUDA graph.']);
    expect(log.warnings).toEqual(['Weights are subnormal', 'no importer']);
    expect(engineLogWords(log)).toEqual([
      'A frame is one CUDA graph',
      '2 warnings, the first: Weights are subnormal',
    ]);
  });

  it('keeps the beginning and the end of a long one, and says how much is left out', () => {
    const { lines } = readEngineLog(Array.from({ length: 1000 }, (_, i) => `V line ${i}`).join('\n'));
    expect(lines).toHaveLength(401);
    expect(lines.slice(99, 102)).toEqual(['V line 99', '... lines left out: 600', 'V line 700']);
    expect(lines.at(-1)).toBe('V line 999');
  });

  it('of an empty file is empty', () => {
    expect(engineLogWords(readEngineLog(''))).toEqual([]);
  });
});
