import { describe, expect, it } from 'vitest';
import { chooseEngine, type EngineState } from '../../../../device/native/index.ts';

const state = (engine: EngineState['engine'], available: boolean): EngineState => ({
  engine,
  available,
  detail: available ? 'It is there.' : 'Its plugin was not built.',
  remedy: available ? '' : 'Build it.',
});

describe('The choice of an engine', () => {
  it('takes the first that is there, and says why not the better ones', () => {
    expect(chooseEngine([state('tensorrt', false), state('onnxruntime', true)])).toEqual({
      engine: 'onnxruntime',
      reason: 'the best that is here; tensorrt: Its plugin was not built.',
    });
    expect(chooseEngine([state('tensorrt', true), state('onnxruntime', true)]).engine).toBe('tensorrt');
  });

  it('falls back to onnxruntime-node where nothing native is there', () => {
    const choice = chooseEngine([state('tensorrt', false), state('onnxruntime', false)]);
    expect(choice.engine).toBe('onnxruntime-node');
    expect(choice.reason).toContain('onnxruntime: Its plugin was not built.');
  });

  it('passes over an engine that crashed, unless it is asked for', () => {
    const states = [state('tensorrt', true), state('onnxruntime', true)];
    expect(chooseEngine(states, undefined, ['tensorrt'])).toEqual({
      engine: 'onnxruntime',
      reason: 'the best that is here; tensorrt: it crashed the last time',
    });
    expect(chooseEngine(states, 'tensorrt', ['tensorrt'])).toEqual({
      engine: 'tensorrt',
      reason: 'asked for',
    });
  });

  it('refuses an engine that is asked for and not there, with what to do', () => {
    expect(() => chooseEngine([state('tensorrt', false)], 'tensorrt')).toThrow(
      expect.objectContaining({ code: 'engine-missing', remedy: 'Build it.' }),
    );
    expect(chooseEngine([], 'onnxruntime-node').engine).toBe('onnxruntime-node');
  });
});
