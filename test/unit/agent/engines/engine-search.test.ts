import { describe, expect, it } from 'vitest';
import {
  type EngineSearch,
  nextStep,
  startSearch,
  withPlan,
  withRefusal,
} from '../../../../src/agent/engines/engine-search.ts';
import type { EngineAvailability, PlanStatus } from '../../../../src/agent/index.ts';

type Native = 'tensorrt' | 'onnxruntime';

const state = (engine: Native, available: boolean): EngineAvailability => ({
  engine,
  available,
  detail: available ? 'It is there.' : 'Its plugin was not built.',
  remedy: available ? '' : 'Build it.',
});
const both = [state('tensorrt', true), state('onnxruntime', true)];
const none = [state('tensorrt', false), state('onnxruntime', false)];

function search(changes: Partial<EngineSearch> = {}): EngineSearch {
  const request = { wanted: 'auto', native: both, crashed: [], buildPlan: 'now' } as const;
  return { ...startSearch(request), ...changes };
}

describe('The search for an engine', () => {
  it.each<[string, Partial<EngineSearch>, string, RegExp]>([
    ['takes the best that is there', {}, 'tensorrt', /^the best that is here$/],
    [
      'says why not a better one that is not there',
      { native: [state('tensorrt', false), state('onnxruntime', true)] },
      'onnxruntime',
      /^the best that is here; tensorrt: Its plugin was not built\.$/,
    ],
    [
      'passes over one that crashed',
      { crashed: ['tensorrt'] },
      'onnxruntime',
      /^the best that is here; tensorrt: it crashed the last time$/,
    ],
    [
      'ends at onnxruntime-node where nothing native is there',
      { native: none },
      'onnxruntime-node',
      /^no native engine; tensorrt: Its plugin was not built\.; onnxruntime: Its plugin was not built\.$/,
    ],
    [
      'ends at onnxruntime-node where all others crashed',
      { crashed: ['tensorrt', 'onnxruntime'] },
      'onnxruntime-node',
      /onnxruntime: it crashed the last time$/,
    ],
    [
      'passes over one that refused the model, and keeps its words',
      { refused: new Map([['tensorrt', 'tensorrt refused the model: no']]) },
      'onnxruntime',
      /^the best that is here; tensorrt refused the model: no$/,
    ],
    [
      'takes one by name though it crashed',
      { wanted: 'tensorrt', crashed: ['tensorrt'] },
      'tensorrt',
      /^asked for$/,
    ],
    [
      'takes onnxruntime-node by name without a look at the others',
      { wanted: 'onnxruntime-node', native: [] },
      'onnxruntime-node',
      /^asked for$/,
    ],
  ])('%s', (_, changes, engine, reason) => {
    expect(nextStep(search(changes))).toEqual({
      kind: 'open',
      engine,
      reason: expect.stringMatching(reason),
    });
  });

  it('refuses one by name that is not there, with what to do', () => {
    expect(() => nextStep(search({ wanted: 'tensorrt', native: none }))).toThrow(
      expect.objectContaining({ code: 'engine-missing', remedy: 'Build it.' }),
    );
  });

  it('reads the plan first where another engine may serve meanwhile, and only once', () => {
    const later = search({ buildPlan: 'later' });
    expect(nextStep(later)).toEqual({ kind: 'read-plan', engine: 'tensorrt' });
    expect(nextStep(withPlan(later, { state: 'ready', proven: true }))).toMatchObject({
      engine: 'tensorrt',
      kind: 'open',
    });
    expect(nextStep(search({ buildPlan: 'later', crashed: ['tensorrt'] }))).toMatchObject({ kind: 'open' });
  });

  it.each<[PlanStatus['state'], boolean, boolean, string, RegExp]>([
    ['absent', false, true, 'onnxruntime', /tensorrt: its plan is built while this one serves$/],
    ['ready', false, true, 'onnxruntime', /tensorrt: its plan is checked while this one serves$/],
    ['ready', true, false, 'tensorrt', /^the best that is here$/],
    // Opening it waits for the build of another process, and rejects with the reason of the quarantine.
    ['building', false, false, 'tensorrt', /^the best that is here$/],
    ['quarantined', false, false, 'tensorrt', /^the best that is here$/],
  ])(
    'with a plan that is %s (proven: %s): pending %s, next %s',
    (planState, proven, pending, engine, reason) => {
      const found = withPlan(search({ buildPlan: 'later' }), { state: planState, proven });
      expect(found.planPending).toBe(pending);
      expect(nextStep(found)).toEqual({ kind: 'open', engine, reason: expect.stringMatching(reason) });
    },
  );

  it('goes from refusal to refusal down to the last engine, whose refusal stands', () => {
    const first = withRefusal(search(), 'tensorrt', 'too old');
    expect(first && nextStep(first)).toMatchObject({ engine: 'onnxruntime' });
    const second = first && withRefusal(first, 'onnxruntime', 'no such operator');
    expect(second && nextStep(second)).toEqual({
      kind: 'open',
      engine: 'onnxruntime-node',
      reason:
        'no native engine; tensorrt refused the model: too old; onnxruntime refused the model: no such operator',
    });
    expect(second && withRefusal(second, 'onnxruntime-node', 'broken')).toBeUndefined();
    expect(second?.planPending).toBe(false);
  });

  it('lets the refusal of an engine that was asked for by name stand', () => {
    expect(withRefusal(search({ wanted: 'tensorrt' }), 'tensorrt', 'no')).toBeUndefined();
  });

  it('waits for the plan if no other engine runs the model', () => {
    let found: EngineSearch | undefined = withPlan(search({ buildPlan: 'later' }), {
      state: 'absent',
      proven: false,
    });
    for (const engine of ['onnxruntime', 'onnxruntime-node'] as const)
      found = found && withRefusal(found, engine, 'no');
    expect(found).toMatchObject({ buildPlan: 'now', planPending: false });
    expect(found && nextStep(found)).toEqual({
      kind: 'open',
      engine: 'tensorrt',
      reason: 'the best that is here',
    });
    // The second time round the refusal of the last one stands.
    for (const engine of ['tensorrt', 'onnxruntime', 'onnxruntime-node'] as const)
      found = found && withRefusal(found, engine, 'no');
    expect(found).toBeUndefined();
  });
});
