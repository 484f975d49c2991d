import { beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../../../../src/agent/index.ts';
import { CancelledError, GoshawkError, silentLog } from '../../../../src/base/index.ts';
import { bundleOf, modelOf } from '../../../fakes/fake-device.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';

const bundle = bundleOf(modelOf('b'));

describe('Opening an engine', () => {
  let platform: FakeEnginePlatform;
  beforeEach(() => {
    platform = new FakeEnginePlatform();
  });

  const open = (changes: Partial<Parameters<typeof openEngine>[1]> = {}) =>
    openEngine(bundle, { platform, log: silentLog, engine: 'auto', ...changes });

  it('takes the first that takes the model, and tells who refused it', async () => {
    platform.refusals.set('tensorrt', new GoshawkError('native-unsupported', 'No such layer.', 'Wait.'));
    const chosen = await open();
    expect(chosen).toMatchObject({ engine: 'onnxruntime', planPending: false });
    expect(chosen.reason).toBe('the best that is here; tensorrt refused the model: No such layer. Wait.');
    expect([...chosen.refused]).toEqual([['tensorrt', 'tensorrt refused the model: No such layer. Wait.']]);
    expect(platform.opened).toEqual(['tensorrt', 'onnxruntime']);
  });

  it('does not ask for native engines where none is wanted', async () => {
    expect((await open({ engine: 'onnxruntime-node' })).reason).toBe('asked for');
    expect(platform.calls).toEqual([]);
  });

  it('tries no other engine than the one that is asked for', async () => {
    platform.refusals.set('onnxruntime', new Error('It does not load.'));
    await expect(open({ engine: 'onnxruntime' })).rejects.toThrow('It does not load.');
    expect(platform.opened).toEqual(['onnxruntime']);
  });

  it('ends with the words of the last engine', async () => {
    for (const engine of ['tensorrt', 'onnxruntime', 'onnxruntime-node'] as const)
      platform.refusals.set(engine, new Error(`${engine} can't.`));
    await expect(open()).rejects.toThrow("onnxruntime-node can't.");
  });

  it('tries no other engine when the work is taken back', async () => {
    platform.refusals.set('tensorrt', new CancelledError('The build'));
    await expect(open()).rejects.toBeInstanceOf(CancelledError);
    expect(platform.opened).toEqual(['tensorrt']);
  });

  it('lets another engine serve while the plan is built, and waits where none can', async () => {
    expect(await open({ buildPlan: 'later' })).toMatchObject({ engine: 'onnxruntime', planPending: true });
    expect(platform.opened).toEqual(['onnxruntime']);
    for (const engine of ['onnxruntime', 'onnxruntime-node'] as const)
      platform.refusals.set(engine, new Error('no'));
    expect(await open({ buildPlan: 'later' })).toMatchObject({ engine: 'tensorrt', planPending: false });
  });

  it('goes on where the plan cannot be read', async () => {
    platform.planStatus = () => Promise.reject(new Error('The driver is too old.'));
    const chosen = await open({ buildPlan: 'later' });
    expect(chosen).toMatchObject({ engine: 'onnxruntime', planPending: false });
    expect(chosen.reason).toContain('tensorrt refused the model: The driver is too old.');
  });
});
